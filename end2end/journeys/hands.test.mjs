// What a person does to the segments in flight, and to time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { onStage } from "../stage.mjs";

const chip = (page) => page.locator(".chip");
const host = (page, name) => page.getByRole("article", { name });
const story = (page) => page.locator(".story");
const menu = (page) => page.getByRole("group", { name: /^What the wire does to/ });
const clock = (page) => page.locator(".clock");

/** The page, standing still at its start. */
async function stands(page, address) {
  await page.goto(address);
  await host(page, "HOST1").waitFor();
  await page.keyboard.press("Home");
  await page.getByRole("button", { name: "Play" }).waitFor();
}

/** Steps until a sentence with these words is the story. */
async function stepTo(page, words) {
  for (let steps = 0; steps < 40; steps++) {
    if ((await story(page).innerText()).includes(words)) return;
    await page.keyboard.press("ArrowRight");
  }
  assert.fail(`never: ${words}`);
}

test("a click drops a segment, and HOST1 sends it again", () =>
  onStage(async (page, address) => {
    await stands(page, address);
    await stepTo(page, 'send("hello")');
    await chip(page).click();
    await menu(page).getByRole("button", { name: "Drop it" }).click();
    await page.locator('.chip[aria-label*="being lost"]').waitFor();
    await stepTo(page, "timer at HOST1 runs out");
    await chip(page).getByText("again").waitFor();
    await page.getByRole("button", { name: "Undo the last change" }).click();
    await page.keyboard.press("Home");
    await stepTo(page, '"hello" 1001 arrives at HOST2');
    assert.equal(await clock(page).innerText(), "t = 0.250 s");
  }));

test("the keyboard alone drops a segment and lets it arrive after all", () =>
  onStage(async (page, address) => {
    await stands(page, address);
    await stepTo(page, 'send("hello")');
    for (let tabs = 0; tabs < 20; tabs++) {
      await page.keyboard.press("Tab");
      if (await page.evaluate(() => document.activeElement.classList.contains("chip"))) break;
    }
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Drop it");
    await page.keyboard.press("Enter");
    await page.locator('.chip[aria-label*="being lost"]').waitFor();
    // The focus is back on the stage: the keys work at once.
    await page.keyboard.press("ArrowRight");
    assert.notEqual(await clock(page).innerText(), "t = 0.250 s");
    await page.keyboard.press("ArrowLeft");
    await page.getByRole("button", { name: "Let it arrive" }).press("Enter");
    await page.keyboard.press("ArrowRight");
    assert.equal(await clock(page).innerText(), "t = 0.250 s");
    await story(page).getByText('"hello" 1001 arrives at HOST2').waitFor();
  }));

test("a delayed segment arrives later, from the list too", () =>
  onStage(async (page, address) => {
    await stands(page, address);
    await stepTo(page, "connect(80)");
    await page.getByRole("listitem", { name: /^SYN 1000/ }).getByRole("button", { name: "Delay it by 300 ms" }).click();
    await stepTo(page, "SYN 1000 arrives at HOST2");
    assert.equal(await clock(page).innerText(), "t = 0.360 s");
  }));

test("a kept copy is released later and arrives once more", () =>
  onStage(async (page, address) => {
    await stands(page, address);
    await stepTo(page, 'send("hello")');
    await chip(page).click();
    await menu(page).getByRole("button", { name: "Keep a copy" }).click();
    await page.getByText("Kept copies").waitFor();
    for (let steps = 0; steps < 4; steps++) await page.keyboard.press("ArrowRight");
    await page.getByRole("button", { name: /^Release the copy of "hello"/ }).click();
    await page.locator(".chip", { hasText: "copy" }).waitFor();
    await stepTo(page, '"hello" 1001 arrives at HOST2.');
    assert.match(await host(page, "HOST2").innerText(), /has read hello/);
  }));

test("steps, scrubs and jumps; nothing moves while it stands", () =>
  onStage(async (page, address) => {
    await stands(page, address);
    assert.equal(await clock(page).innerText(), "t = 0.000 s");
    await page.keyboard.press("ArrowRight");
    assert.equal(await clock(page).innerText(), "t = 0.010 s");
    await page.keyboard.press("ArrowLeft");
    assert.equal(await clock(page).innerText(), "t = 0.000 s");
    const bar = page.getByRole("slider", { name: "Moment" });
    await bar.fill("5000");
    const middle = await clock(page).innerText();
    assert.notEqual(middle, "t = 0.000 s");
    assert.match(await bar.getAttribute("aria-valuetext"), /step \d+ of \d+/);
    await page.waitForTimeout(300);
    assert.equal(await clock(page).innerText(), middle);
    const frames = await page.evaluate(async () => {
      let asked = 0;
      const ask = window.requestAnimationFrame;
      window.requestAnimationFrame = (callback) => (asked++, ask(callback));
      await new Promise((done) => setTimeout(done, 300));
      return asked;
    });
    assert.equal(frames, 0, "frames are asked for while it stands");
    await page.keyboard.press("Space");
    await page.getByRole("button", { name: "Pause" }).waitFor();
    await page.waitForTimeout(300);
    await page.keyboard.press("Space");
    assert.notEqual(await clock(page).innerText(), middle);
  }));

test("with reduced motion it plays in steps", () =>
  onStage(
    async (page, address) => {
      await page.goto(address);
      await page.waitForTimeout(1_500);
      await page.keyboard.press("Space");
      assert.match(await clock(page).innerText(), /t = 0\.0(00|10|60) s/);
    },
    { context: { reducedMotion: "reduce" } },
  ));
