// Light, dark, projector, or as the system: followed at first, chosen, remembered.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hashOf, open, sceneText } from "../checks.mjs";
import { stands, until } from "../person.mjs";
import { onStage } from "../stage.mjs";

const WIDE = { viewport: { width: 1366, height: 768 }, locale: "en-GB" };
const ACK = sceneText("lost-last-ack");

const list = (page) => page.getByRole("combobox", { name: "Look" });

/** What is seen of a look: whether the ground is dark, and how large the sentence of the moment is. */
function seen(page) {
  return page.evaluate(() => {
    const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number);
    const size = (selector) => parseFloat(getComputedStyle(document.querySelector(selector)).fontSize);
    const { colorScheme } = getComputedStyle(document.documentElement);
    return { isDark: (r + g + b) / 3 < 128, controls: colorScheme, sentence: size(".why h2, .why h4, .why p"), numbers: size(".numbers, .state") };
  });
}

const is = (page, wanted) => until(() => seen(page), (now) => assert.deepEqual({ ...now, ...wanted }, now));

for (const colorScheme of ["light", "dark"]) {
  test(`the look is the system's at first and follows it: ${colorScheme}`, () =>
    onStage(
      async (page, address) => {
        await stands(page, address, { scene: ACK, t: "1250ms" });
        assert.equal(await list(page).inputValue(), "system");
        await is(page, { isDark: colorScheme === "dark" });
        const other = colorScheme === "dark" ? "light" : "dark";
        await page.emulateMedia({ colorScheme: other });
        await is(page, { isDark: other === "dark" });
        // One's own choice comes before the system's.
        await list(page).selectOption(colorScheme);
        await is(page, { isDark: colorScheme === "dark", controls: colorScheme });
        await list(page).selectOption("projector");
        await is(page, { isDark: false, controls: "light" });
        await list(page).selectOption("system");
        await is(page, { isDark: other === "dark" });
      },
      { context: { ...WIDE, colorScheme } },
    ));
}

test("each look is remembered", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK });
      for (const [look, isDark] of [["dark", true], ["light", false], ["projector", false], ["system", true]]) {
        await list(page).selectOption(look);
        await is(page, { isDark });
        await page.reload();
        await is(page, { isDark });
        assert.equal(await list(page).inputValue(), look);
        // Another visit, and another page of the same person.
        await open(page, address + hashOf({ scene: ACK, t: "225ms" }));
        await is(page, { isDark });
      }
    },
    { context: { ...WIDE, colorScheme: "dark" } },
  ));

test("what is stored and isn't a look leaves the system's", () =>
  onStage(
    async (page, address) => {
      await page.addInitScript(() => localStorage.setItem("look", "purple"));
      await page.goto(address);
      await list(page).waitFor();
      assert.equal(await list(page).inputValue(), "system");
      await is(page, { isDark: true });
    },
    { context: { ...WIDE, colorScheme: "dark" } },
  ));

for (const more of ["", "w=A+time-wait=60s"]) {
  test(`the projector's look is larger and has room at 1366×768: ${more ? "two worlds" : "one world"}`, () =>
    onStage(
      async (page, address) => {
        await stands(page, address, { scene: ACK, t: "1250ms", more });
        const usual = await seen(page);
        await list(page).selectOption("projector");
        const large = await until(() => seen(page), ({ numbers }) => assert.ok(numbers >= usual.numbers * 1.3, `${numbers} px`));
        assert.ok(large.sentence >= usual.sentence * 1.3, `${large.sentence} px`);
        const room = await page.evaluate(() => [document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]);
        assert.ok(room[0] <= 0 && room[1] <= 0, `${room} px too large`);
        for (const part of [".chip", ".now .wire", ".why", ".transport"]) {
          const box = await page.locator(part).first().boundingBox();
          assert.ok(box && box.y >= 0 && box.y + box.height <= 769, `${part} isn't in sight: ${JSON.stringify(box)}`);
        }
        // It is light, whatever the system is.
        await page.emulateMedia({ colorScheme: "dark" });
        await is(page, { isDark: false });
      },
      { context: WIDE },
    ));
}

test("the looks are named in the person's language, and chosen by keys", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, lang: "zh" });
      const looks = page.getByRole("combobox", { name: "外观" });
      assert.deepEqual(await looks.locator("option").allTextContents(), ["跟随系统", "浅色", "深色", "投影"]);
      await looks.focus();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowDown");
      await is(page, { isDark: true });
      assert.equal(await looks.inputValue(), "dark");
    },
    { context: { ...WIDE, colorScheme: "light" } },
  ));

/** Which parts of a card, as far as they are seen, lie on each other. */
function overlaps(page) {
  return page.evaluate(() => {
    const words = (one) => {
      const range = document.createRange();
      range.selectNodeContents(one);
      return range.getBoundingClientRect();
    };
    const within = (one, box) => {
      const { left, right, top, bottom } = one.getBoundingClientRect();
      return { left: Math.max(box.left, left), right: box.right, top: Math.max(box.top, top), bottom: Math.min(box.bottom, bottom) };
    };
    const found = [];
    for (const card of document.querySelectorAll(".card")) {
      const own = (selector) => [...card.querySelectorAll(selector)].filter((one) => one.checkVisibility() && one.getBoundingClientRect().height > 0);
      const parts = [
        ...own(".lines, .read, .holder, .sockets").map((one) => [one.className, within(one, words(one))]),
        ...own(".hands, .state, .numbers").map((one) => [one.className, words(one)]),
        ...own(".map").map((one) => ["map", one.getBoundingClientRect()]),
      ].filter(([, { left, right }]) => right > left);
      const { left, right, bottom } = card.getBoundingClientRect();
      for (const [at, [name, one]] of parts.entries()) {
        if (one.right > right || one.left < left || one.bottom > bottom + 1) found.push(`${name} outside`);
        for (const [other, two] of parts.slice(at + 1)) {
          const isApart = one.right <= two.left + 1 || two.right <= one.left + 1 || one.bottom <= two.top + 2 || two.bottom <= one.top + 2;
          if (!isApart) found.push(`${card.dataset.host}: ${name} on ${other}`);
        }
      }
    }
    return found;
  });
}

for (const [width, height] of [[900, 700], [1024, 768], [1180, 820], [1280, 720], [1366, 768], [1920, 1080]]) {
  test(`nothing in a card lies on something else, and all is on one screen: ${width}×${height}`, () =>
    onStage(
      async (page, address) => {
        for (const look of ["light", "projector"]) {
          // On the wall it takes more.
          if (look === "projector" && width < 1280) continue;
          for (const more of ["", "w=A+time-wait=60s"]) {
            for (const t of ["0ms", "130ms", "700ms", "1250ms", "70s"]) {
              await stands(page, address, { scene: ACK, t, more });
              await list(page).selectOption(look);
              const what = `${look}, ${more}, at ${t}`;
              await until(() => overlaps(page), (found) => assert.deepEqual(found, [], what));
              const room = await page.evaluate(() => [document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]);
              assert.ok(room[0] <= 0 && room[1] <= 0, `${what}: ${room} px too large`);
              const [line, why] = await Promise.all([".now .wire", ".why"].map((part) => page.locator(part).first().boundingBox()));
              assert.ok(line.y > 0 && line.y < (why.x > 0 ? height : why.y), `${what}: the line is at ${line.y}`);
            }
          }
        }
      },
      { context: { viewport: { width, height }, locale: "en-GB" } },
    ));
}
