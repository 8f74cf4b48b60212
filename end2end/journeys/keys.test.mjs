// The keys: listed on `?`, each doing what the list says, only where the stage has the focus, and
// single letters only as long as a person wants them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hashOf, open, sceneText } from "../checks.mjs";
import { addressOf, button, card, chip, focused, menu, moment, mouse, sceneOf, scrubBar, sees, seesClock, sheet, stands, tabTo, until } from "../person.mjs";
import { onStage } from "../stage.mjs";

const WIDE = { viewport: { width: 1366, height: 768 }, locale: "en-GB" };
const ACK = sceneText("lost-last-ack");

const hasSheet = (page, name) => until(() => sheet(page).getByRole("heading").first().innerText({ timeout: 2_000 }), (text) => assert.equal(text, name));
const hasLine = (page, pattern) => until(() => sceneOf(page), (lines) => assert.ok(lines.some((line) => pattern.test(line)), lines.join("\n")));
const hasNoLine = (page, pattern) => until(() => sceneOf(page), (lines) => assert.ok(!lines.some((line) => pattern.test(line)), lines.join("\n")));
const speed = (page, wanted) => until(() => page.locator(".speed").innerText(), (text) => assert.equal(text, wanted));
const tag = (page) => page.evaluate(() => document.activeElement.tagName);

/** What each line of the list promises. `before` brings the page to where it can be seen. */
const PROMISES = {
  "Play or pause": { check: async (page, press) => {
    await sees(page, (at) => assert.equal(at.playing, true));
    await press();
    await sees(page, (at) => assert.equal(at.playing, false));
  } },
  "Step forward": { check: (page) => seesClock(page, "0.250 s") },
  "Step back": { check: (page) => seesClock(page, "0.160 s") },
  "To the start": { check: (page) => seesClock(page, "0.000 s") },
  "To the end": { check: (page) => until(() => scrubBar(page).inputValue(), (value) => assert.equal(value, "10000")) },
  Faster: { check: (page) => speed(page, "2×") },
  Slower: { check: (page) => speed(page, "½×") },
  "To where the worlds part": { more: "w=A+time-wait=60s", check: (page) => seesClock(page, "0.950 s") },
  "To the next segment in flight": { check: (page) => until(() => page.evaluate(() => document.activeElement.className), (name) => assert.match(name, /\bchip\b/)) },
  "What HOST1 can do": { check: (page) => page.getByRole("group", { name: "What happens at HOST1" }).waitFor({ timeout: 5_000 }) },
  "What HOST2 can do": { check: (page) => page.getByRole("group", { name: "What happens at HOST2" }).waitFor({ timeout: 5_000 }) },
  "Cut the line for a while": { check: (page) => page.getByRole("group", { name: "The line is dead for a while" }).waitFor({ timeout: 5_000 }) },
  "Forge a segment": { check: (page) => hasSheet(page, "Forge a segment for HOST2") },
  "Undo the last change": {
    before: dropped,
    check: (page) => hasNoLine(page, /^drop A3/),
  },
  "Do it again": {
    before: async (page) => {
      await dropped(page);
      await mouse.undo(page);
      await hasNoLine(page, /^drop A3/);
      await page.locator("main").focus();
    },
    check: (page) => hasLine(page, /^drop A3/),
  },
  "One world or two": { check: (page) => sees(page, (at) => assert.equal(at.worlds.length, 2)) },
  Rules: { check: (page) => hasSheet(page, "Rules") },
  "All that happens": { check: (page) => page.locator(".transcript").waitFor({ timeout: 5_000 }) },
  "Close the menu": {
    before: async (page) => {
      await page.keyboard.press("2");
      await menu(page).waitFor();
    },
    check: (page) => until(() => menu(page).count(), (count) => assert.equal(count, 0)),
  },
  "Help: how to read the picture, and the keys": { check: (page) => sheet(page).getByRole("table").first().waitFor({ timeout: 5_000 }) },
  // On a segment in flight: one that arrives, and one that is being lost.
  "Drop it": { before: onChip, check: (page) => hasLine(page, /^drop A3/) },
  "Let it arrive": { before: async (page) => {
    await dropped(page);
    await onChip(page);
  }, check: (page) => hasNoLine(page, /^drop A3/) },
  "Delay it by 300 ms": { before: onChip, check: (page) => hasLine(page, /^delay A3 ACK 1001 300ms$/) },
  "Delay it by 2 s": { before: onChip, check: (page) => hasLine(page, /^delay A3 ACK 1001 2s$|^delay A3 ACK 1001 2000ms$/) },
  "Let a copy follow 300 ms later": { before: onChip, check: (page) => hasLine(page, /^duplicate A3 ACK 1001 300ms$/) },
  "Keep a copy": { before: onChip, check: (page) => hasLine(page, /^keep A3/) },
};

async function dropped(page) {
  await mouse.onSegment(page, "hello", "Drop it");
  await hasLine(page, /^drop A3/);
}

async function onChip(page) {
  await chip(page, "hello").focus();
}

/** A cap of the list, as Playwright calls the key. */
function keyOf(cap) {
  const named = { "␣": "Space", "→": "ArrowRight", "←": "ArrowLeft", Esc: "Escape", Ctrl: "Control", "⇧": "Shift", "⇧L": "Shift+L" };
  if (named[cap]) return named[cap];
  return /^[A-Z]$/.test(cap) ? cap.toLowerCase() : cap;
}

/** The list: for each line what may be pressed, and what it promises. */
async function listed(page) {
  return sheet(page).locator("tr").evaluateAll((rows) =>
    rows.map((row) => ({
      presses: [...row.querySelectorAll(".press")].map((press) => [...press.querySelectorAll("kbd")].map(({ textContent }) => textContent)),
      said: row.querySelector("td").textContent.split(" · "),
    })),
  );
}

test("every key is listed on ?, and does what the list says", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "200ms" });
      await page.keyboard.press("?");
      const rows = await until(() => listed(page), (all) => assert.ok(all.length > 0, "the list is empty"));
      assert.deepEqual([...new Set(rows.flatMap(({ said }) => said.map((one) => one.replace(/^\? /, ""))))].sort(), Object.keys(PROMISES).sort());
      const broken = [];
      for (const { presses, said } of rows) {
        for (const caps of presses) {
          for (const one of said) {
            const { before, more = "", check } = PROMISES[one.replace(/^\? /, "")];
            const keys = caps.map(keyOf).join("+");
            await open(page, address + hashOf({ scene: ACK, t: "200ms", more }));
            await page.locator("main").focus();
            await before?.(page);
            const press = () => page.keyboard.press(keys);
            try {
              await press();
              await check(page, press);
            } catch (error) {
              broken.push(`${caps.join("+")}, ${one}: ${String(error.message).split("\n")[0]}`);
            }
          }
        }
      }
      assert.deepEqual(broken, []);
    },
    { context: WIDE },
  ));

test("single letters can be switched off, and stay off; the other keys stay", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "200ms" });
      await page.keyboard.press("?");
      const box = sheet(page).getByRole("checkbox", { name: "Single letters and signs are keys" });
      assert.equal(await box.isChecked(), true);
      await box.uncheck();
      await page.keyboard.press("Escape");
      for (const visit of ["now", "after a reload", "on another visit"]) {
        if (visit === "after a reload") await page.reload();
        if (visit === "on another visit") await open(page, address + hashOf({ scene: ACK, t: "200ms" }));
        await until(() => card(page, "HOST1").count(), (count) => assert.equal(count, 1));
        await page.locator("main").focus();
        await page.waitForTimeout(600);
        const before = await addressOf(page);
        for (const key of ["w", "t", "r", "f", "p", "s", "1", "2", "u", "y", "+", "-", "?"]) await page.keyboard.press(key);
        await chip(page, "hello").focus();
        for (const key of ["d", "l", "L", "c", "k"]) await page.keyboard.press(key);
        await page.waitForTimeout(200);
        assert.deepEqual(
          [await menu(page).count(), await sheet(page).count(), await page.locator(".transcript").count(), (await moment(page)).worlds.length, await page.locator(".speed").innerText(), await addressOf(page)],
          [0, 0, 0, 1, "1×", before],
          visit,
        );
        await page.locator("main").focus();
        await page.keyboard.press("ArrowRight");
        await seesClock(page, "0.250 s");
        await page.keyboard.press("ArrowLeft");
        await seesClock(page, "0.200 s");
      }
      // With Ctrl a letter isn't single.
      await dropped(page);
      await page.locator("main").focus();
      await page.keyboard.press("Control+z");
      await hasNoLine(page, /^drop A3/);
      // The help has a button besides, for without letters and signs no key opens it.
      await page.getByRole("button", { name: "Help" }).click();
      await sheet(page).getByRole("checkbox", { name: "Single letters and signs are keys" }).check();
      await page.keyboard.press("Escape");
      await until(() => sheet(page).count(), (count) => assert.equal(count, 0));
      await page.keyboard.press("w");
      await sees(page, (at) => assert.equal(at.worlds.length, 2));
    },
    { context: WIDE },
  ));

test("the keys act only where the stage has the focus, and never on what is typed", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "200ms" });
      await page.waitForTimeout(600);
      const before = await addressOf(page);
      const nothing = async (where) => {
        await page.waitForTimeout(100);
        assert.deepEqual([(await moment(page)).worlds.length, await sheet(page).count(), await page.locator(".transcript").count(), await addressOf(page)], [1, 0, 0, before], where);
      };
      for (const outside of [button(page, "Copy link"), button(page, "Rules"), page.getByRole("combobox", { name: "Look" }), button(page, "EN")]) {
        await outside.focus();
        for (const key of ["w", "t", "f", "?", "1", "u", "Home"]) await page.keyboard.press(key);
        if ((await tag(page)) === "BUTTON") await page.keyboard.press("ArrowRight");
        await nothing(`with the focus on ${await focused(page)}`);
      }
      // In the field for a text.
      await page.locator("main").focus();
      await page.keyboard.press("1");
      const field = menu(page).getByRole("textbox");
      await until(() => tag(page), (name) => assert.equal(name, "INPUT"));
      await field.fill("");
      await page.keyboard.type("wtrf?1 2+-us");
      assert.equal(await field.inputValue(), "wtrf?1 2+-us");
      for (const key of ["ArrowLeft", "ArrowRight", "Home", "End"]) await page.keyboard.press(key);
      await nothing("in the field");
      // A key with Alt is the browser's, a letter with Ctrl is none of the single ones.
      await page.keyboard.press("Escape");
      await page.locator("main").focus();
      await page.keyboard.press("Alt+w");
      await page.keyboard.press("Control+u");
      await nothing("with Alt and Ctrl");
    },
    { context: WIDE },
  ));

test("the space bar presses the button that has the focus, and plays elsewhere", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "200ms" });
      await page.getByRole("switch", { name: "TIME_WAIT at HOST1" }).focus();
      await page.keyboard.press("Space");
      await sees(page, (at) => assert.deepEqual([at.title, at.playing], ["HOST1 keeps TIME_WAIT: 60 s", false]));
      await page.locator("main").focus();
      await page.keyboard.press("Space");
      await sees(page, (at) => assert.equal(at.playing, true));
    },
    { context: WIDE },
  ));

const gone = (locator) => until(() => locator.count(), (count) => assert.equal(count, 0));

test("Escape closes a menu from anywhere in it, and the focus goes back to where it was", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "200ms" });
      // By a letter: back to the stage, and the keys work.
      await page.keyboard.press("2");
      await until(() => focused(page), (name) => assert.equal(name, "The text to send"));
      await page.keyboard.press("Escape");
      await gone(menu(page));
      assert.equal(await tag(page), "MAIN");
      await page.keyboard.press("1");
      // The menu has the focus in the frame after: see put_beside_opener.
      await until(() => tag(page), (name) => assert.notEqual(name, "MAIN"));
      await tabTo(page, "close()");
      await page.keyboard.press("Escape");
      await gone(menu(page));
      await page.keyboard.press("ArrowRight");
      await seesClock(page, "0.250 s");
      await page.keyboard.press("ArrowLeft");
      // From a button, by keys: back to that button.
      for (const opener of ["Act on HOST1", /^"hello" 1001 from HOST1/]) {
        await tabTo(page, opener);
        const name = await focused(page);
        await page.keyboard.press("Enter");
        await menu(page).waitFor();
        await until(() => focused(page), (now) => assert.notEqual(now, name));
        await page.keyboard.press("Escape");
        await gone(menu(page));
        assert.equal(await focused(page), name);
      }
      // Nothing was done.
      assert.deepEqual(await sceneOf(page), ACK.split("\n"));
    },
    { context: WIDE },
  ));

/** Presses keys without waiting for the page, which is busy meanwhile: it finds one behind the other. */
async function pressAtOnce(page, ...keys) {
  const busy = page.evaluate(() => {
    const end = performance.now() + 300;
    while (performance.now() < end);
  });
  await Promise.all([busy, ...keys.map((key) => page.keyboard.press(key))]);
}

test("a key pressed at once after Escape is the stage's, whatever was open", () =>
  onStage(
    async (page, address) => {
      const ways = {
        "the keys, by a key": () => page.keyboard.press("?"),
        "the rules, by a key": () => page.keyboard.press("r"),
        "a forged segment, by a key": () => page.keyboard.press("f"),
        "a host's menu, by a key": () => page.keyboard.press("2"),
        "the help, by mouse": () => page.getByRole("button", { name: "Help" }).click(),
        "the rules, by mouse": () => button(page, "Rules").click(),
        "the lessons, by mouse": () => button(page, "Lessons").click(),
        "a host in full, by mouse": () => button(page, "All of HOST2").click(),
      };
      const lost = [];
      for (const [way, opens] of Object.entries(ways)) {
        await stands(page, address, { scene: ACK, t: "200ms" });
        await page.locator("main").focus();
        await opens();
        await page.locator("dialog[open], .menu").first().waitFor();
        // The menu has the focus in the frame after: see put_beside_opener.
        await until(() => tag(page), (name) => assert.notEqual(name, "MAIN"));
        await pressAtOnce(page, "Escape", "ArrowRight");
        try {
          await until(() => moment(page), (at) => assert.equal(at.clock, "0.250 s"), 2_000);
          assert.equal(await tag(page), "MAIN");
        } catch (error) {
          lost.push(`${way}: ${String(error.message).split("\n")[0]}`);
        }
      }
      assert.deepEqual(lost, []);
      // What is opened at once after it stays open: nothing of the one before comes late.
      for (const [key, place] of [["r", sheet(page)], ["2", menu(page)]]) {
        await stands(page, address, { scene: ACK, t: "200ms" });
        await page.locator("main").focus();
        await page.keyboard.press("?");
        await sheet(page).waitFor();
        await pressAtOnce(page, "Escape", key);
        await place.waitFor();
        await page.waitForTimeout(300);
        assert.equal(await place.count(), 1, key);
      }
    },
    { context: WIDE },
  ));

test("Escape closes a sheet, and the focus goes back to where it was", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "250ms" });
      for (const key of ["?", "r", "f"]) {
        await page.keyboard.press(key);
        await sheet(page).waitFor();
        // The focus stays in it.
        for (let turn = 0; turn < 3; turn++) await page.keyboard.press("Tab");
        assert.equal(await page.evaluate(() => document.activeElement === document.body || document.activeElement.closest("dialog") !== null), true, key);
        await page.keyboard.press("Escape");
        await gone(sheet(page));
        await until(() => tag(page), (name) => assert.equal(name, "MAIN", key));
        // And the keys of the stage work at once.
        await page.keyboard.press("ArrowRight");
        await seesClock(page, "0.300 s");
        await page.keyboard.press("ArrowLeft");
        await seesClock(page, "0.250 s");
      }
      for (const opener of ["All of HOST2", "Rules"]) {
        await page.locator("main").focus();
        await tabTo(page, opener, opener === "Rules" ? "Shift+Tab" : "Tab");
        await page.keyboard.press("Enter");
        await sheet(page).waitFor();
        await page.keyboard.press("Escape");
        await gone(sheet(page));
        await until(() => focused(page), (name) => assert.equal(name, opener));
      }
      // With the mouse: the stage has the keys.
      await page.locator("main").focus();
      await button(page, "Rules").click();
      await sheet(page).getByRole("button", { name: "Close", exact: true }).click();
      await gone(sheet(page));
      await until(() => tag(page), (name) => assert.equal(name, "MAIN"));
      // A click beside it closes it as well.
      await button(page, "Rules").click();
      await sheet(page).waitFor();
      await page.mouse.click(5, 400);
      await gone(sheet(page));
    },
    { context: WIDE },
  ));
