// Two languages: the browser's at first, switched in place without losing anything, remembered, and
// both complete on every screen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hashOf, open, sceneText } from "../checks.mjs";
import { button, card, chip, menu, moment, mouse, sceneOf, sees, sheet, stands, until } from "../person.mjs";
import { onStage } from "../stage.mjs";

const ACK = sceneText("lost-last-ack");
const WIDE = { viewport: { width: 1366, height: 768 } };
const NAMES = { en: "TIME_WAIT lab", zh: "TIME_WAIT 实验室" };

const heading = (page) => page.getByRole("heading", { level: 1 });
const root = (page) => page.evaluate(() => document.documentElement.lang);

/** Waits for the page to be in a language, with all that says so. */
async function isIn(page, lang) {
  await until(() => heading(page).innerText(), (text) => assert.equal(text, NAMES[lang]));
  await until(() => root(page), (now) => assert.equal(now, lang));
  await until(() => page.title(), (title) => assert.equal(title, NAMES[lang]));
  const pressed = page.locator(`.head button[lang="${lang}"]`);
  assert.equal(await pressed.getAttribute("aria-pressed"), "true");
}

for (const [locale, lang] of [["zh-CN", "zh"], ["zh-TW", "zh"], ["en-US", "en"], ["fr-FR", "en"]]) {
  test(`the language is the browser's at first: ${locale} gets ${lang}`, () =>
    onStage(
      async (page, address) => {
        await page.goto(address);
        await isIn(page, lang);
      },
      { context: { locale } },
    ));
}

test("what was chosen is remembered; a link's language comes before it", () =>
  onStage(
    async (page, address) => {
      await page.goto(address);
      await isIn(page, "zh");
      await button(page, "EN").click();
      await isIn(page, "en");
      await open(page, address);
      await isIn(page, "en");
      await open(page, address + hashOf({ scene: ACK, lang: "zh" }));
      await isIn(page, "zh");
      // Reading a link is no choice.
      await open(page, address);
      await isIn(page, "en");
      // A link without a language, or with one that there isn't, is read in one's own.
      await open(page, `${address}${hashOf({ scene: ACK, lang: "xx" })}`);
      await isIn(page, "en");
    },
    { context: { locale: "zh-CN" } },
  ));

test("the page works where storage is forbidden", () =>
  onStage(
    async (page, address) => {
      await page.addInitScript(() => {
        Object.defineProperty(window, "localStorage", {
          get() {
            throw new DOMException("no", "SecurityError");
          },
        });
      });
      await page.goto(address);
      await isIn(page, "en");
      await button(page, "中文").click();
      await isIn(page, "zh");
      await page.getByRole("combobox", { name: "外观" }).selectOption("dark");
      assert.equal(await page.evaluate(() => document.documentElement.dataset.look), "dark");
      await page.locator("main").focus();
      await page.keyboard.press("End");
      await sees(page, (at) => assert.match(at.verdicts.join(), /不该有的 RST/));
    },
    { context: { locale: "en-GB" } },
  ));

test("switching loses nothing: the scene, the moment, two worlds, the list, what plays", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "650ms", more: "w=A+time-wait=60s" });
      await mouse.stepTo(page, "HOST2's program calls shutdown(WR).");
      await mouse.onSegment(page, "FIN,ACK 3006", "Keep a copy");
      await page.keyboard.press("t");
      const pick = async () => {
        const { clock, playing, worlds } = await moment(page);
        return { clock, playing, chips: worlds.map(({ chips }) => chips), states: worlds.map(({ states }) => states), scene: await sceneOf(page), rows: await page.locator(".transcript li").count() };
      };
      const before = await pick();
      await button(page, "中文").click();
      await isIn(page, "zh");
      await until(pick, (now) => assert.deepEqual(now, before));
      await page.locator(".transcript").getByText("HOST2 的程序调用 shutdown(WR)。").first().waitFor();
      await sees(page, (at) => assert.deepEqual(at.worlds.map(({ title }) => title), ["HOST1 立即遗忘连接", "HOST1 保留 TIME_WAIT：60 s"]));
      await button(page, "EN").click();
      await isIn(page, "en");
      await until(pick, (now) => assert.deepEqual(now, before));
      // It goes on playing, and the undo is still there.
      await page.locator("main").focus();
      await page.keyboard.press("u");
      await until(() => sceneOf(page), (lines) => assert.ok(!lines.some((line) => line.startsWith("keep"))));
      await page.keyboard.press("Space");
      await button(page, "中文").click();
      await isIn(page, "zh");
      assert.equal((await moment(page)).playing, true);
    },
    { context: { ...WIDE, locale: "en-GB" } },
  ));

test("menus and sheets have the new language", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "225ms" });
      await chip(page, "hello").click();
      await menu(page).getByRole("button", { name: "Drop it" }).waitFor();
      // A click elsewhere closes the menu.
      await button(page, "中文").click();
      await chip(page, "hello").click();
      await menu(page).getByRole("button", { name: "丢弃" }).waitFor();
      await page.keyboard.press("Escape");
      await page.locator("main").click({ position: { x: 4, y: 300 } });
      await card(page, "HOST1").getByRole("button", { name: "HOST1 的全部信息" }).click();
      await sheet(page).getByRole("heading", { name: "定时器" }).waitFor();
    },
    { context: { ...WIDE, locale: "en-GB" } },
  ));

/** Every screen with words of its own, brought about without naming any of them. */
const SCREENS = [
  { name: "the stage", t: "225ms" },
  { name: "TIME_WAIT", t: "1250ms", more: "w=A+time-wait=60s" },
  { name: "the end", t: "0ms", act: (page) => page.keyboard.press("End") },
  { name: "the list", t: "225ms", act: (page) => page.keyboard.press("t") },
  { name: "the menu of a segment", t: "225ms", act: (page) => page.locator(".chip").click() },
  { name: "the menu of a host", t: "5ms", act: (page) => page.keyboard.press("1") },
  { name: "the help", t: "0ms", act: (page) => page.keyboard.press("?") },
  { name: "the form", t: "225ms", act: (page) => page.keyboard.press("f") },
  { name: "the rules", t: "225ms", act: openRules },
  { name: "a host in full", t: "1250ms", act: (page) => page.locator("article .more").last().click() },
  { name: "a term", t: "1250ms", act: openTerm },
];

async function openRules(page) {
  await page.keyboard.press("r");
  const others = sheet(page).locator("details.others > summary");
  await others.click();
  await sheet(page).locator("details.others li.setting").first().waitFor();
}

async function openTerm(page) {
  await page.locator("button.term").first().click();
  await sheet(page).locator(".meaning h3").waitFor();
}

// Citations are in the language of what they cite. Words of the protocol, of calls, of systems and of the text form are the same in both languages.
const SAME = /"[^"]*"|\b[a-z-]+=\S+|\b[a-z_]+\([^)]*\)|RFC \d+|Linux 6|[A-Z][A-Za-z0-9_.,;-]*/g;

/** The texts on the screen, and what screen readers say of its controls. */
function texts(page) {
  return page.evaluate(() => {
    const all = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (element.closest("code, kbd, .numbers, .lines, .sockets, .host-sockets, .host-variables, #boot-failed, #failed, noscript, button[lang], .octets, option[value=''], .bases b, .systems, .value-meaning, .citation, select[id] option")) continue;
      all.add(walker.currentNode.data.trim());
    }
    for (const one of document.body.querySelectorAll("[aria-label], [title], [placeholder]")) {
      if (one.closest(".octets")) continue;
      for (const name of ["aria-label", "title"]) if (one.hasAttribute(name)) all.add(one.getAttribute(name).trim());
    }
    return [...all].filter(Boolean);
  });
}

for (const lang of ["en", "zh"]) {
  test(`everything is in the language: ${lang}`, () =>
    onStage(
      async (page, address) => {
        const strange = [];
        for (const { name, t, more, act } of SCREENS) {
          await open(page, address + hashOf({ scene: ACK, t, lang, more }));
          await act?.(page);
          // What opens later comes with code and texts of its own.
          const above = () => page.locator(".menu, dialog[open], .transcript").allInnerTexts();
          if (act) await until(above, (all) => assert.ok(all.every((text) => text.trim().length > 30), name));
          await page.waitForTimeout(50);
          const said = await texts(page);
          assert.ok(said.length > 20, name);
          for (const one of said) {
            const words = one.replaceAll(SAME, " ");
            const isStrange = lang === "en" ? /\p{Script=Han}/u.test(words) : /[a-z]{3,}[ ,]+[a-z]{2,}/.test(words);
            if (isStrange) strange.push(`${name}: ${one}`);
            assert.doesNotMatch(one, /\{[a-z]+\}/, "a placeholder that nobody filled in");
          }
          if (lang === "zh") assert.ok(said.some((one) => /\p{Script=Han}/u.test(one)));
        }
        assert.ok(strange.length === 0, `\n  ${[...new Set(strange)].join("\n  ")}\n`);
      },
      { context: { ...WIDE, locale: "en-GB" } },
    ));
}

for (const [width, height] of [[1366, 768], [360, 740]]) {
  test(`nothing is wider than ${width} px, and at 1366×768 nothing has to be scrolled to`, () =>
    onStage(
      async (page, address) => {
        for (const lang of ["en", "zh"]) {
          for (const more of ["", "w=A+time-wait=60s"]) {
            for (const t of ["0ms", "1250ms"]) {
              await open(page, address + hashOf({ scene: ACK, t, lang, more }));
              const room = await page.evaluate(() => [document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]);
              assert.ok(room[0] <= 0, `${room[0]} px too wide: ${lang} ${more} ${t}`);
              if (width === 1366) assert.ok(room[1] <= 0, `${room[1]} px too high: ${lang} ${more} ${t}`);
            }
          }
        }
      },
      { context: { viewport: { width, height } } },
    ));
}
