// The port gauge: the moment in which no port is left, the ways out, its link, and that nothing of
// it needs a mouse, a wide window or a light ground. The moments and counts are those that
// tests/gauge.rs holds the engine to.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe, faintTexts } from "../axe.mjs";
import { overflows } from "../checks.mjs";
import { addressOf, button, sheet, until } from "../person.mjs";
import { onStage } from "../stage.mjs";

const WIDE = { viewport: { width: 1366, height: 768 }, locale: "en-GB", reducedMotion: "reduce" };
const NEVER = "In 180 s no connect() failed.";
const failsAt = (time, tuples) => `At ${time} s connect() returned EADDRNOTAVAIL for the first time: all ${tuples} 4-tuples were in use.`;

/** Opens an address with the gauge, and waits for it. */
async function opens(page, address) {
  await page.goto("about:blank");
  await page.goto(address);
  await page.locator(".gauge").waitFor();
}

/** What is seen of the gauge at one instant. */
const seen = (page) =>
  page.evaluate(() => {
    const text = (element) => element?.innerText.replaceAll(/\s+/g, " ").trim() ?? "";
    const gauge = document.querySelector(".gauge");
    const rows = [...gauge.querySelectorAll(".gauge-numbers tbody tr")];
    return {
      outcome: text(gauge.querySelector(".gauge-outcome")),
      clock: text(gauge.querySelector(".clock")).replace("t = ", ""),
      playing: gauge.querySelector(".play").dataset.sign === "pause",
      numbers: Object.fromEntries(rows.map((row) => [text(row.querySelector("th")), [...row.querySelectorAll("td b")].map(text)])),
      mark: text(gauge.querySelector(".gauge-marks .failure")),
      focus: document.activeElement?.closest("[data-remedy]")?.dataset.remedy ?? document.activeElement?.id ?? "",
      show: decodeURIComponent(/[#&]show=([^&]*)/.exec(location.href)?.[1] ?? "").replaceAll("+", " "),
    };
  });

const sees = (page, check) => until(() => seen(page), check);

/** Tabs until a control has the focus. */
async function tabTo(page, selector) {
  for (let count = 0; count < 60; count++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
  }
  assert.fail(`the keyboard doesn't come to ${selector}`);
}

/** To the end of the run by the keys of the bar. */
async function toEnd(page) {
  await page.locator(".gauge .moment").focus();
  await page.keyboard.press("End");
  await sees(page, ({ clock }) => assert.equal(clock, "180.000 s"));
}

test("at 500 a second no port is left after 56.464 s, as the formula says, and 470.5 go on", () =>
  onStage(
    async (page, address) => {
      await opens(page, `${address}#show=ports`);
      await toEnd(page);
      const { outcome, numbers, mark } = await seen(page);
      assert.equal(outcome, failsAt("56.464", "28,232"));
      assert.equal(mark, "EADDRNOTAVAIL at 56.464 s");
      assert.deepEqual(numbers["No port left"], ["56.464 s", "56.464 s"]);
      assert.deepEqual(numbers["Connections a second"], ["470.5", "470.5"]);
      assert.deepEqual(numbers["4-tuples in use by the client"], ["28,232", "28,232"]);
      assert.deepEqual(numbers["Connections opened"], ["", "84,696"]);
      assert.deepEqual(numbers["Requests that found no port"], ["", "5,304"]);
      // Back before the failure nothing is said of it.
      await page.locator(".gauge .moment").focus();
      await page.keyboard.press("Home");
      await sees(page, (now) => assert.deepEqual([now.clock, now.outcome, now.mark], ["0.000 s", "No connect() has failed so far.", ""]));
    },
    { context: WIDE },
  ));

const REMEDIES = [
  { name: "keep-alive", words: "requests=100", at2000: null },
  { name: "server-first", words: "first=server", at2000: null },
  { name: "destinations", words: "destinations=3", at2000: ["42.348", "84,696"] },
  { name: "sources", words: "sources=3", at2000: ["42.348", "84,696"] },
  { name: "wider-range", words: "ports=1024-65535", at2000: ["32.256", "64,512"] },
  { name: "reuse", words: "reuse=on", at2000: null },
  { name: "linger-zero", words: "linger-zero=on", at2000: null },
];

test("each way out, by the keyboard, takes the failure away at 500 a second", () =>
  onStage(
    async (page, address) => {
      await opens(page, `${address}#show=ports`);
      for (const { name, words } of REMEDIES) {
        const tick = `[data-remedy="${name}"] input`;
        await tabTo(page, tick);
        await page.keyboard.press("Space");
        // The words stand in the address, and the focus stays where it was.
        await sees(page, ({ show, focus }) => assert.deepEqual([show, focus], [`ports ${words}`, name]));
        await toEnd(page);
        const { outcome, numbers } = await seen(page);
        assert.equal(outcome, NEVER, name);
        assert.deepEqual(numbers["Requests that found no port"], ["", "0"], name);
        // Only the trap has a price for the programs.
        const errors = Number(numbers["Connections that ended with an error for a program"][1].replaceAll(",", ""));
        if (name === "linger-zero") assert.ok(errors > 89_000, `${errors}`);
        else assert.equal(errors, 0, name);
        await tabTo(page, tick);
        await page.keyboard.press("Space");
        await sees(page, ({ show }) => assert.equal(show, "ports"));
      }
      await toEnd(page);
      assert.equal((await seen(page)).outcome, failsAt("56.464", "28,232"));
    },
    { context: WIDE },
  ));

test("at 2,000 a second more 4-tuples only move the moment", () =>
  onStage(
    async (page, address) => {
      for (const { name, words, at2000 } of REMEDIES) {
        await opens(page, `${address}#show=ports+rate=2000+${words}`);
        assert.ok(await page.locator(`[data-remedy="${name}"] input`).isChecked(), name);
        await toEnd(page);
        assert.equal((await seen(page)).outcome, at2000 ? failsAt(...at2000) : NEVER, name);
      }
    },
    { context: WIDE },
  ));

test("a link brings back what was asked, for somebody else and in another language", () =>
  onStage(
    async (page, address, another) => {
      await opens(page, `${address}#show=ports`);
      await page.getByLabel("System").selectOption({ label: "Windows 2000" });
      await page.getByLabel("Requests a second").fill("20");
      await page.keyboard.press("Tab");
      await sees(page, ({ show }) => assert.equal(show, "ports rate=20 ports=1025-5000 time-wait=240s stack=rfc9293"));
      await toEnd(page);
      const mine = await seen(page);
      assert.deepEqual(mine.numbers["Connections a second"], ["16.6", "20.0"]);
      assert.equal(mine.outcome, NEVER);
      await page.getByText("More", { exact: true }).click();
      await page.getByLabel("Requests are made for").fill("300 s");
      await page.keyboard.press("Enter");
      await sees(page, ({ show }) => assert.match(show, / for=300s$/));
      await page.locator(".gauge .moment").focus();
      await page.keyboard.press("End");
      // 3976 / 20 s.
      await sees(page, ({ outcome }) => assert.equal(outcome, failsAt("198.800", "3,976")));
      const link = await addressOf(page);

      const theirs = await another({ locale: "zh-CN" });
      await opens(theirs, link.replace("lang=en", "lang=zh"));
      await theirs.locator(".gauge .moment").focus();
      await theirs.keyboard.press("End");
      await sees(theirs, ({ outcome }) => assert.equal(outcome, "198.800 s 时 connect() 首次返回 EADDRNOTAVAIL：全部 3,976 个四元组都在使用。"));
      assert.equal(await theirs.getByLabel("每秒请求数").inputValue(), "20");
      // A reload as well.
      await theirs.reload();
      await theirs.locator(".gauge").waitFor();
      assert.equal(await theirs.getByLabel("本地端口").inputValue(), "1025-5000");
    },
    { context: WIDE },
  ));

test("what makes no sense is refused in the person's words, in a field and in a link", () =>
  onStage(
    async (page, address) => {
      await opens(page, `${address}#show=ports`);
      const rate = page.getByLabel("Requests a second");
      for (const [typed, said] of [
        ["0", "“0” is out of range: 1 to 100000."],
        ["many", "“many” is no value here. Expected: 0..4294967295."],
      ]) {
        await rate.fill(typed);
        await page.keyboard.press("Enter");
        await page.getByRole("alert").filter({ hasText: said }).waitFor();
        assert.equal(await rate.getAttribute("aria-invalid"), "true");
        assert.equal((await seen(page)).show, "ports");
      }
      await rate.fill("1000");
      await page.keyboard.press("Enter");
      await sees(page, ({ show }) => assert.equal(show, "ports rate=1000"));
      assert.equal(await rate.getAttribute("aria-invalid"), "false");
      // A narrow range takes the scale along.
      await page.getByLabel("Local ports").fill("40000-40099");
      await page.keyboard.press("Enter");
      await sees(page, ({ show }) => assert.equal(show, "ports rate=1000 ports=40000-40099 scale=6"));

      await opens(page, `${address}#lang=zh&show=ports+rate=7+speed=9`);
      await page.getByText("“speed=9”不是端口仪表的词。").waitFor();
      await page.getByText("链接无法读取，这里显示的是通常的负载。").waitFor();
      assert.equal(await page.getByLabel("每秒请求数").inputValue(), "500");
    },
    { context: WIDE },
  ));

test("it plays by itself and stands still when it is told to", () =>
  onStage(
    async (page, address) => {
      await opens(page, `${address}#show=ports`);
      await sees(page, ({ playing, clock }) => assert.ok(playing && parseFloat(clock) > 3, clock));
      await page.locator(".gauge .play").focus();
      await page.keyboard.press("Space");
      const { clock, playing } = await sees(page, (now) => assert.ok(!now.playing));
      await page.waitForTimeout(600);
      assert.deepEqual([(await seen(page)).clock, playing], [clock, false]);
      await page.getByLabel("Speed", { exact: true }).selectOption({ label: "60×" });
      await page.locator(".gauge .play").press("Space");
      await sees(page, ({ outcome, clock, playing }) => assert.deepEqual([outcome, clock, playing], [failsAt("56.464", "28,232"), "180.000 s", false]));
    },
    { context: { ...WIDE, reducedMotion: "no-preference" } },
  ));

test("with reduced motion the chart grows in twelve steps", () =>
  onStage(
    async (page, address) => {
      await opens(page, `${address}#show=ports`);
      const clocks = new Set();
      await until(
        () => seen(page),
        ({ clock }) => {
          clocks.add(clock);
          assert.ok(clocks.size >= 4);
        },
      );
      for (const clock of clocks) assert.equal(parseFloat(clock) % 15, 0, clock);
    },
    { context: WIDE },
  ));

test("it opens from the head and from the lessons, and closes to the stage", () =>
  onStage(
    async (page, address) => {
      await page.goto(address);
      const opensAndCloses = async (door) => {
        await door.click();
        await page.locator(".gauge").waitFor();
        await sees(page, ({ show }) => assert.equal(show, "ports"));
        await page.keyboard.press("Escape");
        await until(() => sheet(page).count(), (count) => assert.equal(count, 0));
        await until(() => addressOf(page), (now) => assert.doesNotMatch(now, /show=/));
      };
      await opensAndCloses(button(page, "Ports"));
      await button(page, "Lessons").click();
      await opensAndCloses(sheet(page).getByRole("button", { name: "Ports", exact: true }));
    },
    { context: WIDE },
  ));

const LOCALES = { en: "en-GB", zh: "zh-CN" };

for (const colorScheme of ["light", "dark"]) {
  for (const viewport of [{ width: 1366, height: 768 }, { width: 360, height: 740 }]) {
    for (const lang of ["en", "zh"]) {
      test(`axe finds nothing and nothing is cut off: ${colorScheme}, ${viewport.width} px, ${lang}`, () =>
        onStage(
          async (page, address) => {
            for (const words of ["", "+first=server+rate=2000", "+rate=0"]) {
              await opens(page, `${address}#lang=${lang}&show=ports${words}`);
              for (const summary of await page.locator(".gauge summary").all()) await summary.click();
              await page.locator(".gauge .moment").focus();
              await page.keyboard.press("End");
              await sees(page, ({ clock }) => assert.equal(clock, "180.000 s"));
              const { wcag, practice } = await axe(page);
              assert.deepEqual([...wcag, ...practice, ...(await faintTexts(page)), ...(await overflows(page))], [], words);
            }
          },
          { context: { viewport, colorScheme, locale: LOCALES[lang], reducedMotion: "reduce" } },
        ));
    }
  }
}

test("nothing is lost at 320 px", () =>
  onStage(
    async (page, address) => {
      await opens(page, `${address}#show=ports`);
      assert.deepEqual(await overflows(page), []);
    },
    { context: { viewport: { width: 320, height: 568 }, locale: "en-GB", reducedMotion: "reduce" } },
  ));
