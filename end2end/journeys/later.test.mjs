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

test("a link whose code is lost is kept, said, and read when the code comes", async () => {
  let journey = "not over";
  const lost = onStage(async (page, address) => {
    await page.route(LATER, (route) => route.abort());
    await page.goto(address + LINK);
    await page.getByRole("alert").getByText("could not be loaded").waitFor();
    assert.doesNotMatch(await stacks(page).textContent(), /RFC 793/, "the first scene");
    // Longer than the address takes to follow a scene.
    await page.waitForTimeout(1_500);
    assert.equal(await page.evaluate(() => location.hash), LINK, "the address is as it was");
    await page.unroute(LATER);
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
    await page.goto(address + LINK);
    await stacks(page).getByText("RFC 793").waitFor();
    await page.keyboard.press("2");
    await page.locator(".menu", { hasText: "…" }).waitFor();
    await page.waitForTimeout(200);
    go();
    await page.locator(".menu input:focus").waitFor();
  }));
