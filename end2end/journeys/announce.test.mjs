// What a screen reader says as it happens: each step, and while somebody scrubs only where they stop.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sceneText } from "../checks.mjs";
import { keys, moment, scrubBar, sees, stands, trace, until } from "../person.mjs";
import { toldOf } from "../told.mjs";
import { onStage } from "../stage.mjs";

const WIDE = { viewport: { width: 1366, height: 768 }, locale: "en-GB" };
const ACK = sceneText("lost-last-ack");

/** Keeps what the live region says, one entry for each time that it changes. */
async function listen(page) {
  const region = page.locator(".announced");
  assert.equal(await region.getAttribute("aria-live"), "polite");
  await page.evaluate(() => {
    window.said = [];
    const region = document.querySelector(".announced");
    new MutationObserver(() => window.said.push([...region.children].map(({ textContent }) => textContent).join(" "))).observe(region, { childList: true, subtree: true, characterData: true });
  });
}

const said = (page) => page.evaluate(() => window.said.splice(0));

test("each step is said, with all that happened at that moment", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK });
      await listen(page);
      const told = [...toldOf(await trace(page))].slice(1);
      for (const [at, sentences] of told) {
        await keys.step(page);
        const heard = await until(() => said(page), (now) => assert.equal(now.length, 1, `${at}: ${now.length} times`), 3_000);
        for (const sentence of sentences) assert.ok(heard[0].includes(sentence), `${at}: "${sentence}" isn't in "${heard[0]}"`);
      }
      // Back as well.
      await keys.toEnd(page);
      await page.waitForTimeout(600);
      await said(page);
      await keys.back(page);
      await keys.back(page);
      await until(() => said(page), (now) => assert.match(now.join(), /poll\(\)/));
      await keys.toStart(page);
      await until(() => said(page), (now) => assert.equal(now.length, 1));
    },
    { context: WIDE },
  ));

test("while it plays each moment is said once", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK });
      await listen(page);
      await keys.play(page);
      await sees(page, (at) => assert.ok(parseFloat(at.clock) > 0.31, at.clock));
      await keys.play(page);
      await sees(page, (at) => assert.equal(at.playing, false));
      const heard = await said(page);
      const passed = [...toldOf(await trace(page))].slice(1).filter(([at]) => parseFloat(at) <= 0.3);
      for (const [at, [first]] of passed) assert.equal(heard.filter((one) => one.includes(first)).length, 1, `${at}: "${first}" in ${JSON.stringify(heard)}`);
    },
    { context: WIDE },
  ));

test("scrubbing is silent until it stops, and then says where", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK });
      await listen(page);
      const bar = await scrubBar(page).boundingBox();
      const y = bar.y + bar.height / 2;
      await page.mouse.move(bar.x + 9, y);
      await page.mouse.down();
      // A drag without a rest: every value along the way, quicker than a person would wait.
      const clocks = new Set();
      for (let share = 0.05; share < 0.71; share += 0.05) {
        await page.mouse.move(bar.x + bar.width * share, y);
        clocks.add((await moment(page)).clock);
      }
      assert.ok(clocks.size > 8, "the drag shows no moments");
      const before = await said(page);
      assert.ok(before.length <= 1, `it talks while it is dragged: ${JSON.stringify(before)}`);
      const { story } = await moment(page);
      const [heard, ...more] = await until(() => page.evaluate(() => window.said), (now) => assert.ok(now.length > 0, "it says nothing"), 3_000);
      assert.deepEqual(more, []);
      assert.equal(story.slice(0, 30), heard.slice(0, 30));
      // Holding still says it once.
      await page.waitForTimeout(700);
      assert.equal((await said(page)).length, 1);
      await page.mouse.up();
    },
    { context: WIDE },
  ));

test("of two worlds what they have in common is said once, then each alone", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "1200ms", more: "w=A+time-wait=60s" });
      await listen(page);
      await keys.step(page);
      const [heard] = await until(() => said(page), (now) => assert.equal(now.length, 1));
      const order = ["FIN,ACK 3006/1007 arrives at HOST1.", "HOST1 forgets at once:", "HOST1 sends RST 1007.", "HOST1 keeps TIME_WAIT: 60 s:", "HOST1 sends ACK 3007."];
      const places = order.map((one) => heard.indexOf(one));
      assert.ok(places.every((place, at) => place >= 0 && (at === 0 || place > places[at - 1])), `${places} in "${heard}"`);
      assert.equal(heard.split(order[0]).length, 2, heard);
      // Where they agree no world is named.
      await page.keyboard.press("Home");
      await page.waitForTimeout(600);
      await said(page);
      await keys.step(page);
      const [same] = await until(() => said(page), (now) => assert.equal(now.length, 1));
      assert.doesNotMatch(same, /forgets at once|keeps TIME_WAIT/);
      assert.match(same, /HOST1 sends SYN 1000\./);
    },
    { context: WIDE },
  ));

test("it is said in the person's language, and the verdict is said when it falls", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "1250ms", lang: "zh" });
      await listen(page);
      const verdicts = page.locator(".verdicts");
      assert.equal(await verdicts.getAttribute("aria-live"), "polite");
      await page.evaluate(() => {
        window.verdicts = 0;
        new MutationObserver(() => window.verdicts++).observe(document.querySelector(".verdicts"), { childList: true, subtree: true });
      });
      await keys.step(page);
      await until(() => said(page), (now) => assert.match(now.join(), /RST 1007 到达 HOST2。/));
      await until(() => verdicts.innerText(), (text) => assert.match(text, /不该有的 RST/));
      assert.equal(await page.evaluate(() => window.verdicts), 1);
      // It changes only when it is another one.
      await keys.step(page);
      await keys.step(page);
      assert.equal(await page.evaluate(() => window.verdicts), 1);
    },
    { context: WIDE },
  ));
