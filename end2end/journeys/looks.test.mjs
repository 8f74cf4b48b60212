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
