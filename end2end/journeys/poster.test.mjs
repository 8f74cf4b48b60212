// The poster: what a person sees of the stage before the program is there, and that nothing moves when
// it comes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe } from "../axe.mjs";
import { PART, hashOf, sceneText } from "../checks.mjs";
import { until } from "../person.mjs";
import { onStage } from "../stage.mjs";

const WASM = "**/time-wait-lab-*.wasm";
const LATER = "**/split_later-*.wasm";
const EN = "Nothing is in flight.";
const ZH = "没有正在传输的报文段。";
const DARK = "rgb(23, 24, 27)";
const LIGHT = "rgb(251, 250, 247)";

const poster = (page) => page.locator("body > [inert] main");
const failure = (page) => page.locator("#boot-failed");
const ground = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

/** Holds a file back until the function that it gives is called. */
async function hold(page, path) {
  let go;
  const gone = new Promise((done) => (go = done));
  await page.route(path, async (route) => {
    await gone;
    await route.continue();
  });
  return go;
}

/** Stops the frames of the program, so that the page stays as it is at its first moment. */
const standStill = (page) =>
  page.addInitScript(() => {
    globalThis.requestAnimationFrame = () => 0;
  });

/** Where the parts of the page are, and what they say. */
function places(page) {
  return page.evaluate(() => {
    const PARTS = ".head, .head > *, .intro > *, .rule > *, .card, .card > *, .map, .ladder, .run, .now, .drawing text, .why, .step > *, .gates > *, .on-wire, .transport, .transport > *, .tick, .gap";
    const isDrawn = (one) => one.checkVisibility({ visibilityProperty: true });
    const covered = document.querySelector(".now").getBoundingClientRect().top;
    const own = (one) => [...one.childNodes].map((child) => child.data ?? "").join("");
    const place = (one) => {
      const { left, top, width, height } = one.getBoundingClientRect();
      return { part: `${one.tagName} ${one.className.baseVal ?? one.className}`, words: own(one), box: [left, top, width, height] };
    };
    return [...document.querySelectorAll(PARTS)]
      .filter(isDrawn)
      .map(place)
      .filter(({ part, box }) => !part.startsWith("text") || box[1] < covered);
  });
}

async function staysWhereItIs(page, address) {
  await standStill(page);
  await hold(page, LATER);
  const go = await hold(page, WASM);
  await page.goto(address);
  await poster(page).waitFor();
  const before = await places(page);
  assert.ok(before.length > 60, `${before.length} parts`);
  go();
  await page.locator(PART.stage).waitFor();
  // The program measures the ladder in its first frame.
  const isNear = (a, b) => a.box.every((number, at) => Math.abs(number - b.box[at]) <= 1);
  await until(
    () => places(page),
    (now) => {
      assert.deepEqual(now.map(({ part, words }) => [part, words]), before.map(({ part, words }) => [part, words]));
      assert.deepEqual(now.filter((one, at) => !isNear(one, before[at])), []);
    },
    3_000,
  );
  assert.equal(await page.locator("main, [inert]").count(), 1, "one stage, and no poster");
}

for (const [width, height] of [[1366, 768], [1920, 1080], [360, 740]]) {
  for (const locale of ["en-GB", "zh-CN"]) {
    test(`nothing moves when the program comes: ${width}×${height}, ${locale}`, () =>
      onStage(staysWhereItIs, { context: { viewport: { width, height }, locale } }));
  }
}

test("on the wall neither, and with a look that was chosen", () =>
  onStage(
    async (page, address) => {
      await page.addInitScript(() => localStorage.setItem("look", "projector"));
      await staysWhereItIs(page, address);
      assert.equal(await page.locator(".looks").inputValue(), "projector");
    },
    { context: { viewport: { width: 1366, height: 768 }, locale: "en-GB" } },
  ));

for (const [locale, words, colorScheme, chosen, colour] of [
  ["en-GB", EN, "light", null, LIGHT],
  ["en-GB", EN, "light", "dark", DARK],
  ["zh-CN", ZH, "dark", null, DARK],
  ["zh-CN", ZH, "dark", "light", LIGHT],
]) {
  test(`the poster has the person's language and look: ${locale}, ${chosen ?? colorScheme}`, () =>
    onStage(
      async (page, address) => {
        if (chosen) await page.addInitScript((look) => localStorage.setItem("look", look), chosen);
        await hold(page, WASM);
        await page.goto(address);
        await poster(page).getByText(words).first().waitFor();
        assert.equal(await ground(page), colour);
        assert.equal(await page.locator(".looks").inputValue(), chosen ?? "system");
        const { wcag } = await axe(page);
        assert.deepEqual(wcag, []);
      },
      { context: { locale, colorScheme } },
    ));
}

test("the poster can't be touched, and nobody hears it", () =>
  onStage(
    async (page, address) => {
      await hold(page, WASM);
      await page.goto(address);
      await poster(page).waitFor();
      for (let presses = 0; presses < 5; presses++) {
        await page.keyboard.press("Tab");
        assert.equal(await page.evaluate(() => document.activeElement.localName), "body");
      }
      assert.equal(await page.getByRole("button").count(), 0);
      const box = await page.locator("body > [inert] .play").boundingBox();
      await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
      await page.keyboard.press("End");
      const shown = await page.evaluate(([x, y]) => {
        const hit = document.elementFromPoint(x, y);
        return [hit.localName, getComputedStyle(hit).cursor, document.querySelector(".clock").textContent];
      }, [box.x + 5, box.y + 5]);
      assert.deepEqual(shown, ["body", "auto", "t = 0.500 s"]);
    },
    { context: { locale: "en-GB" } },
  ));

test("no frame is without a stage, and none has two", () =>
  onStage(async (page, address) => {
    await page.addInitScript(() => {
      globalThis.frames = [];
      const own = requestAnimationFrame.bind(globalThis);
      const note = () => {
        globalThis.frames.push(document.querySelectorAll("main").length);
        own(note);
      };
      own(note);
    });
    const go = await hold(page, WASM);
    await page.goto(address);
    await poster(page).waitFor();
    await page.evaluate(() => (globalThis.frames.length = 0));
    go();
    await page.locator(PART.stage).waitFor();
    await page.waitForTimeout(200);
    const counts = await page.evaluate(() => globalThis.frames);
    assert.ok(counts.length > 2, `${counts.length} frames`);
    assert.deepEqual([...new Set(counts)], [1]);
  }));

test("an address with a language alone has the poster, until the program has read it", () =>
  onStage(
    async (page, address) => {
      const go = await hold(page, LATER);
      const asked = page.waitForRequest(LATER);
      await page.goto(`${address}#lang=zh`);
      await poster(page).getByText(ZH).first().waitFor();
      // The program is there by then, and waits for what reads addresses.
      await asked;
      assert.equal(await poster(page).count(), 1);
      go();
      await page.locator(PART.stage).waitFor();
      assert.equal(await page.locator("main, [inert]").count(), 1);
    },
    { context: { locale: "en-GB" } },
  ));

test("a link has no poster, for it shows something else", () =>
  onStage(async (page, address) => {
    await hold(page, WASM);
    const asked = page.waitForRequest(/first-\w+-/);
    await page.goto(address + hashOf({ scene: sceneText("stray-segment"), t: "650ms" }));
    await asked;
    await page.waitForTimeout(300);
    assert.equal(await page.locator("main").count(), 0);
  }));

test("without JavaScript there is no poster, but what is needed is said", () =>
  onStage(
    async (page, address) => {
      await page.goto(address);
      await page.locator("noscript p").first().waitFor();
      assert.equal(await page.locator("main, .head").count(), 0);
    },
    { context: { javaScriptEnabled: false } },
  ));

test("where the program is lost the poster goes, and the message comes", () =>
  onStage(
    async (page, address) => {
      let lose;
      const lost = new Promise((done) => (lose = done));
      await page.route(WASM, async (route) => {
        await lost;
        await route.abort();
      });
      await page.goto(address);
      await poster(page).waitFor();
      lose();
      await failure(page).getByText("could not start").waitFor();
      assert.equal(await page.locator("main").count(), 0);
    },
    { context: { locale: "en-GB" }, expected: /ERR_FAILED|Failed to fetch|WebAssembly/ },
  ));
