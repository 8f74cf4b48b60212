// The sheets' code is a file of its own: it comes after the first screen, and its loss is no loss of
// the page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { onStage } from "../stage.mjs";

const LATER = /split_\w+-\w+\.wasm$/;

const sheet = (page) => page.locator("dialog.sheet");

async function opens(page, key) {
  await page.keyboard.press(key);
  await sheet(page).locator(".sheet-body > *").first().waitFor();
  return sheet(page).locator("h2").textContent();
}

/** Holds back a file of that name. What it returns lets it go. */
async function hold(page, name) {
  let go;
  const held = new Promise((resolve) => (go = resolve));
  await page.route(name, async (route) => {
    await held;
    await route.continue();
  });
  return go;
}

async function closes(page) {
  await page.keyboard.press("Escape");
  await sheet(page).waitFor({ state: "hidden" });
}

test("the sheets' code comes after the first screen, and every sheet opens", () =>
  onStage(async (page, address) => {
    const asked = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    const came = page.waitForResponse(LATER);
    await page.goto(address);
    await page.getByRole("heading", { level: 1 }).waitFor();
    assert.equal(asked.filter((path) => LATER.test(path)).length, 0, "not with the first screen");
    await came;
    assert.match(await opens(page, "?"), /Help: how to read/);
    assert.ok((await sheet(page).textContent()).length > 200, "the keys are listed");
    await closes(page);
    assert.equal(await opens(page, "r"), "Rules");
    await sheet(page).locator("input, select").first().waitFor();
    await closes(page);
    assert.equal(asked.filter((path) => LATER.test(path)).length, 1, "asked for once");
  }));

test("a sheet that is opened before its code is here is filled when it comes", () =>
  onStage(async (page, address) => {
    const go = await hold(page, LATER);
    await page.goto(address);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.keyboard.press("?");
    await sheet(page).locator("h2", { hasText: "…" }).waitFor();
    go();
    await sheet(page).locator("h2", { hasText: "Help: how to read" }).waitFor();
    await closes(page);
  }));

test("a sheet whose code is lost says so, closes, and is asked for again", async () => {
  let journey = "not over";
  const lost = onStage(async (page, address) => {
    await page.route(LATER, (route) => route.abort());
    await page.goto(address);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.keyboard.press("?");
    await sheet(page).locator("h2", { hasText: "could not be loaded" }).waitFor();
    await closes(page);
    await page.unroute(LATER);
    assert.match(await opens(page, "?"), /Help: how to read/);
    await closes(page);
    journey = "over";
  });
  // The loss of the file is an error in the console, and rightly so.
  await assert.rejects(lost, /the page complained/);
  assert.equal(journey, "over");
});

test("a page that is left while the code comes has nothing to complain about", () =>
  onStage(async (page, address) => {
    await page.route(LATER, () => {});
    await page.goto(address);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.keyboard.press("?");
    await sheet(page).locator("h2", { hasText: "…" }).waitFor();
    await page.goto("about:blank");
    await page.goto(address);
    await page.getByRole("heading", { level: 1 }).waitFor();
  }));

const LINK = "#t=650ms&lang=en&s=time-wait-lab+1;A+rfc793;B+smoltcp;0s+B+listen+80;10ms+A+connect+80+from+40000;600ms+A+close;until+70s";
const stacks = (page) => page.locator("button.stacks").first();

for (const [what, file] of [["code", LATER], ["words", /panels-/]]) {
  test(`a link whose ${what} is lost is kept, said, and read when it comes`, async () => {
    let journey = "not over";
    const lost = onStage(async (page, address) => {
      await page.route(file, (route) => route.abort());
      await page.goto(address + LINK);
      await page.getByRole("alert").getByText("could not be loaded").waitFor();
      assert.doesNotMatch(await stacks(page).textContent(), /RFC 793/, "the first scene");
      // Longer than the address takes to follow a scene.
      await page.waitForTimeout(1_500);
      assert.equal(await page.evaluate(() => location.hash), LINK, "the address is as it was");
      await page.unroute(file);
      await opens(page, "?");
      await closes(page);
      await stacks(page).getByText("RFC 793").waitFor();
      assert.equal(await page.getByRole("alert").count(), 0);
      assert.match(await page.getByRole("slider").first().inputValue(), /\d/);
      journey = "over";
    });
    // The loss of the file is an error in the console, and rightly so.
    await assert.rejects(lost, /the page complained/);
    assert.equal(journey, "over");
  });
}

test("what is asked for before the code is here is done when it comes, and can be undone", () =>
  onStage(async (page, address) => {
    const go = await hold(page, LATER);
    await page.goto(address);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.keyboard.press("w");
    assert.equal(await page.locator(".world").count(), 1);
    go();
    await page.locator(".world").nth(1).waitFor();
    await page.waitForFunction(() => location.hash.includes("&w=A+time-wait=60s"));
    await page.keyboard.press("u");
    await page.locator(".world").nth(1).waitFor({ state: "detached" });
    await page.waitForFunction(() => !location.hash.includes("&w="));
  }));

test("a menu that is opened before its words are here has the focus when they come", () =>
  onStage(async (page, address) => {
    const go = await hold(page, /panels-en/);
    const came = page.waitForResponse(LATER);
    await page.goto(address);
    await came;
    await page.keyboard.press("2");
    await page.locator(".menu", { hasText: "…" }).waitFor();
    await page.waitForTimeout(200);
    go();
    await page.locator(".menu input:focus").waitFor();
  }));

/** All that a person reads of the moment that is shown, but for what the code adds to the stacks. */
const told = (page) =>
  page.evaluate(() => {
    const parts = [".cards", ".verdicts", ".rule h2", ".rule .hand", ".why", ".chips", ".clock", ".drawing"];
    const said = (one) => [one.textContent, ...[...one.querySelectorAll("[aria-label]")].map((of) => of.ariaLabel)];
    const read = parts.flatMap((part) => [...document.querySelectorAll(part)].flatMap(said));
    const empty = [...document.querySelectorAll(".reason, .citation, .story h2, .verdict, .gates li, .label")];
    return { read, empty: empty.filter((one) => one.textContent.trim() === "").length };
  });

/** What is told at each moment of the run, from its start to its end. */
async function toldFromStartToEnd(page) {
  const all = [];
  await page.keyboard.press("Home");
  const isEnd = () => page.getByRole("slider").first().evaluate((bar) => bar.value === bar.max);
  for (;;) {
    // What follows the moment follows in the next task.
    await page.waitForTimeout(40);
    all.push(await told(page));
    if (await isEnd()) return all;
    await page.keyboard.press("ArrowRight");
  }
}

for (const lang of ["en", "zh"]) {
  test(`before the engine is here the page tells the run it opens with as the engine would: ${lang}`, () =>
    onStage(async (page, address, another) => {
      await hold(page, LATER);
      await hold(page, /panels-/);
      await page.addInitScript((tag) => localStorage.setItem("language", tag), lang);
      await page.goto(address);
      await page.getByRole("heading", { level: 1 }).waitFor();
      const clock = await page.locator(".clock").textContent();
      await page.waitForFunction((before) => document.querySelector(".clock").textContent !== before, clock);
      const recorded = await toldFromStartToEnd(page);
      assert.ok(recorded.length > 20, `${recorded.length} moments`);
      assert.equal(recorded.reduce((sum, one) => sum + one.empty, 0), 0, "no sentence is empty");
      // Back in time, and to a place of the bar.
      await page.keyboard.press("ArrowLeft");
      await page.waitForTimeout(40);
      assert.deepEqual(await told(page), recorded.at(-2));
      await page.getByRole("slider").first().fill("0");
      await page.waitForTimeout(40);
      assert.deepEqual(await told(page), recorded[0]);

      // The same scene, by its address: the engine makes the run.
      const other = await another();
      await other.goto(address);
      await other.waitForFunction(() => location.hash.includes("s="));
      const link = await other.evaluate(() => location.hash.replace(/lang=../, ""));
      await other.goto("about:blank");
      await other.addInitScript((tag) => localStorage.setItem("language", tag), lang);
      await other.goto(address + link);
      await other.getByRole("heading", { level: 1 }).waitFor();
      assert.deepEqual(await toldFromStartToEnd(other), recorded);
    }));
}

test("the engine's coming changes nothing that is seen", () =>
  onStage(async (page, address) => {
    const go = await hold(page, LATER);
    const words = page.waitForResponse(/panels-en/);
    await page.goto(address);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.keyboard.press("End");
    // With its words the terms in the reasons become links.
    await words;
    await page.waitForTimeout(200);
    const before = await told(page);
    await page.evaluate(() => {
      window.drawn = 0;
      const watch = new MutationObserver((all) => (window.drawn += all.length));
      const parts = document.querySelectorAll(".cards, .ladder, .why, .verdicts, .ticks");
      for (const part of parts) watch.observe(part, { subtree: true, childList: true, characterData: true });
    });
    go();
    await page.waitForFunction(() => location.hash.includes("s="));
    assert.deepEqual(await told(page), before);
    assert.equal(await page.evaluate(() => window.drawn), 0, "nothing was drawn anew");
  }));

test("a segment that is dropped before the engine is here is dropped when it comes", () =>
  onStage(async (page, address) => {
    const go = await hold(page, LATER);
    await page.goto(address);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.keyboard.press("Home");
    while ((await page.locator(".chip").count()) === 0) await page.keyboard.press("ArrowRight");
    const chip = page.locator(".chip").first();
    assert.match(await chip.textContent(), /SYN/);
    await chip.focus();
    await page.keyboard.press("d");
    await page.waitForTimeout(100);
    assert.match(await chip.getAttribute("aria-label"), /in flight/);
    go();
    await page.locator(".chip.lost", { hasText: "SYN" }).waitFor();
    await page.waitForFunction(() => decodeURIComponent(location.hash).includes("drop+A1"));
  }));

test("what waits for words that are lost isn't done, and the page says so", async () => {
  let journey = "not over";
  const lost = onStage(async (page, address) => {
    await page.route(/panels-/, (route) => route.abort());
    const came = page.waitForResponse(LATER);
    await page.goto(address);
    await came;
    await page.keyboard.press("w");
    await page.getByRole("alert").getByText("could not be loaded").waitFor();
    assert.equal(await page.locator(".world").count(), 1);
    await page.unroute(/panels-/);
    await page.keyboard.press("w");
    await page.locator(".world").nth(1).waitFor();
    journey = "over";
  });
  await assert.rejects(lost, /the page complained/);
  assert.equal(journey, "over");
});

test("another language is shown when all its words are there, and no sentence is empty meanwhile", () =>
  onStage(async (page, address) => {
    const go = await hold(page, /panels-zh/);
    await page.goto(address);
    await page.waitForFunction(() => location.hash.includes("s="));
    await page.keyboard.press("End");
    // Another run than the recorded one: HOST1 keeps TIME_WAIT.
    await page.getByRole("switch").first().click();
    await page.keyboard.press("End");
    await page.getByRole("button", { name: "中文" }).click();
    await page.waitForTimeout(300);
    assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
    assert.equal((await told(page)).empty, 0);
    go();
    await page.waitForFunction(() => document.documentElement.lang === "zh");
    const all = await toldFromStartToEnd(page);
    assert.equal(all.reduce((sum, one) => sum + one.empty, 0), 0);
    assert.ok(all.every((one) => one.read.some((words) => /[一-龥]/.test(words))));
  }));
