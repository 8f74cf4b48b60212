// A language with longer words breaks nothing: every text of the page is doubled on its way to it,
// and everything still has room. The check itself is tried on pages that are broken on purpose.

import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { PART, hashOf, open, overflows, restyle, sceneText } from "../checks.mjs";
import { onStage } from "../stage.mjs";

const DIST = fileURLToPath(new URL("../../dist", import.meta.url));

/** The files that texts come in, by the end of their address. */
const TEXT_FILE = /(?:^|\/)(?:first|panels)-[^/]*$/;

/**
 * A file of texts with every text doubled. A line is a text, or a name, a tab or `=`, and a text;
 * JSON is doubled value by value. `{x}` stays a placeholder: it stands there twice.
 */
function doubled(file) {
  const twice = (text) => (text.trim() === "" ? text : `${text} ${text}`);
  const [keys, ...lines] = file.split("\n");
  // The fields of a record that are words for a person: not its kind, its name, its group.
  const words = { group: [2], switch: [2, 4, 5], value: [2], term: [2, 3] };
  const record = (fields) => fields.map((field, at) => (words[fields[0]]?.includes(at) ? twice(field) : field));
  const line = (text) => (text.includes("\t") ? record(text.split("\t")).join("\t") : twice(text));
  return [keys, ...lines.map(line)].join("\n");
}

/** Doubles every text on its way; the list of the files fills as they come. */
async function doubleTexts(page) {
  const files = [];
  await page.route(
    (url) => TEXT_FILE.test(url.pathname),
    async (route) => {
      const response = await route.fetch();
      files.push(basename(new URL(route.request().url()).pathname));
      await route.fulfill({ response, body: doubled(await response.text()) });
    },
  );
  return files;
}

const hasTextFiles = () => existsSync(DIST) && readdirSync(DIST, { recursive: true }).some((name) => TEXT_FILE.test(name.replaceAll("\\", "/")));

const ACK = sceneText("lost-last-ack");
const STRAY = sceneText("stray-segment");
const MOMENTS = [
  { name: "the start", scene: ACK, t: "0ms" },
  { name: "a segment in flight", scene: ACK, t: "225ms" },
  { name: "the menu of a segment", scene: ACK, t: "225ms", act: (page) => page.locator(PART.chip).first().click() },
  { name: "HOST1 waits", scene: sceneText("lost-last-ack-time-wait"), t: "1200ms" },
  { name: "foreign octets", scene: STRAY, t: "2100ms" },
  { name: "the end", scene: ACK, t: "70s", act: (page) => page.keyboard.press("End") },
];

async function transportIsInView(page) {
  const { height, width } = page.viewportSize();
  const box = await page.locator(PART.transport).first().boundingBox();
  const isIn = box.x >= 0 && box.y >= 0 && box.x + box.width <= width + 1 && box.y + box.height <= height + 1;
  return isIn ? [] : [`the transport bar is at ${Math.round(box.y)}, ${Math.round(box.height)} px high, in a window of ${height} px`];
}

/** The page works: a step, a drop, and back. */
async function works(page) {
  const clock = () => page.locator(PART.clock).first().innerText();
  await page.locator(PART.stage).first().focus();
  await page.keyboard.press("Home");
  const start = await clock();
  await page.keyboard.press("ArrowRight");
  assert.notEqual(await clock(), start);
  const hash = await page.evaluate(() => location.hash);
  await page.locator(PART.chip).first().click();
  await page.locator(PART.above).first().getByRole("button").or(page.getByRole("menuitem")).first().click();
  await page.waitForFunction((before) => location.hash !== before && /;drop\+A\d/.test(location.hash), hash, { timeout: 10_000 });
  await page.locator(PART.stage).first().focus();
  await page.keyboard.press("Control+z");
  await page.waitForFunction(() => !/;drop\+A1[;+]/.test(location.hash), null, { timeout: 10_000 });
}

for (const viewport of [{ width: 1366, height: 768 }, { width: 360, height: 740 }]) {
  for (const [lang, locale] of [["en", "en-GB"], ["zh", "zh-CN"]]) {
    test(`with doubled text everything has room: ${viewport.width} px, ${lang}`, (t) =>
      onStage(
        async (page, address) => {
          const files = await doubleTexts(page);
          const found = [];
          for (const { name, scene, t: time, act } of MOMENTS) {
            await open(page, address + hashOf({ scene, t: time, lang }));
            await act?.(page);
            await page.waitForTimeout(50);
            const lines = [...(await overflows(page)), ...(await transportIsInView(page))];
            found.push(...lines.map((line) => `${name}: ${line}`));
          }
          assert.ok(found.length === 0, `\n  ${found.join("\n  ")}\n`);
          await open(page, address + hashOf({ scene: STRAY, lang }));
          await works(page);
          if (hasTextFiles()) {
            assert.ok(files.length > 0, "the page fetched no file of texts");
            const half = (text) => text.slice(0, (text.length - 1) / 2);
            const heading = (await page.getByRole("heading", { level: 1 }).innerText()).trim();
            assert.equal(heading, `${half(heading)} ${half(heading)}`, "the heading isn't doubled");
          } else {
            t.diagnostic("dist/ has no file of texts: the texts were as they are, none was doubled");
          }
        },
        { context: { viewport, locale, reducedMotion: "reduce" } },
      ));
  }
}

test("the doubling keeps names and placeholders", () => {
  assert.equal(
    doubled("a1b2\nDrop {x}\n\nterm\trst\tRST\tEnds it\tRST\n"),
    "a1b2\nDrop {x} Drop {x}\n\nterm\trst\tRST RST\tEnds it Ends it\tRST\n",
  );
});

/** Each breaks the page in one way, and what the check must say of it. */
const BROKEN = [
  [".head { min-width: 1500px; }", /wider than the window/],
  [".head button { width: 30px; overflow: hidden; white-space: nowrap; }", /is cut by \d+ px at the side/],
  [".head button { width: 30px; white-space: nowrap; }", /px outside its box/],
  [".card { max-height: 60px; min-height: 0; overflow: hidden; }", /is cut by \d+ px in height/],
  [".transport button + button { margin-left: -30px; }", /two controls lie on each other/],
  [".citation { margin-top: -20px; }", /words lie on each other/],
  [".story { white-space: nowrap; }", /scrolls sideways|outside its box|cut by/],
];

test("the check sees what is broken", () =>
  onStage(
    async (page, address) => {
      for (const [sheet, said] of BROKEN) {
        await open(page, address + hashOf({ scene: ACK, t: "225ms" }));
        assert.deepEqual(await overflows(page), []);
        await restyle(page, sheet);
        assert.match((await overflows(page)).join("\n"), said, sheet);
      }
    },
    { context: { viewport: { width: 1366, height: 768 }, locale: "en-GB", reducedMotion: "reduce" } },
  ));
