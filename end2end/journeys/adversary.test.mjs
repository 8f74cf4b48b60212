// The adversary: what it tries is what the committed tables say, what it finds opens on the stage and is
// there what the engine's trace shows, and the page doesn't feel that somebody searches.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { axe, faintTexts } from "../axe.mjs";
import { overflows } from "../checks.mjs";
import { addressOf, button, focused, moment, sceneOf, sees, sheet, tabTo, trace, until } from "../person.mjs";
import { onStage } from "../stage.mjs";
import { eventsOf } from "../told.mjs";

const WIDE = { viewport: { width: 1366, height: 768 }, locale: "en-GB", reducedMotion: "reduce" };
const PREMISES = ["time-wait", "length", "restart", "ignores-rst", "lifetime", "orderly", "number-rule", "new-iss"];
/** A search may have to share its two cores with other journeys' browsers. */
const LONG = 60_000;

const explorer = (page) => page.locator(".explorer");
const progress = (page) => page.locator(".progress p").innerText();
const conclusion = (page) => page.locator(".conclusion").innerText();
const found = (page, harm) => page.locator(harm ? `.found[data-harm="${harm}"]` : ".found");
const switches = (page, name) => page.locator(`[data-switch="${name}"]`);
const numbers = (text) => [...text.matchAll(/\d[\d,]*/g)].map(([number]) => Number(number.replaceAll(",", "")));

async function shows(page, address, words, lang = "en") {
  await page.goto(`${address}#lang=${lang}&show=${words}`);
  await explorer(page).waitFor();
}

const isOver = (page, words) => until(() => progress(page), (text) => assert.match(text, words), LONG);

/** The states and runs of the theorem's first row, as the native search counts them. */
function firstRow() {
  const text = readFileSync(fileURLToPath(new URL("../../tests/adversary/theorem.txt", import.meta.url)), "utf8");
  const [, states, runs] = /with all premises\n.*all of it: (\d+) states, \d+ steps, (\d+) runs/.exec(text);
  return [Number(states), Number(runs)];
}

test("with all premises nothing is found, after as many states and runs as the native search has", () =>
  onStage(
    async (page, address) => {
      await shows(page, address, "theorem");
      await isOver(page, /^Never\./);
      const [states, runs] = firstRow();
      assert.ok(states > 100_000);
      const said = numbers(await progress(page));
      assert.deepEqual(said.slice(0, 2), [states, runs]);
      assert.deepEqual(numbers(await conclusion(page)), [3, runs, states]);
      assert.equal(await found(page).count(), 0);
      const none = await page.locator("[data-none]").allInnerTexts();
      assert.equal(none.length, 3);
      assert.ok(none.every((one) => one.endsWith(": never")), none.join(" | "));
    },
    { context: WIDE },
  ));

test("a premise is switched off by keys, and the shortest run is on the stage what the engine shows", () =>
  onStage(
    async (page, address) => {
      await page.goto(address);
      await tabTo(page, "Adversary");
      await page.keyboard.press("Enter");
      await explorer(page).waitFor();
      await tabTo(page, "It lasts 2MSL");
      await page.keyboard.press("Space");
      assert.equal(await focused(page), "It lasts 2MSL", "the focus stays where it was");
      await found(page, "old-rst").waitFor();
      assert.match(await found(page, "old-rst").innerText(), /A RST that belongs to an earlier connection kills the new one at HOST\d/);
      const [acts, steps] = numbers(/network: .*$/m.exec(await found(page, "old-rst").innerText())[0]);
      assert.deepEqual([acts, steps], [2, 27], "as tests/adversary/theorem.txt has it");
      await until(() => addressOf(page), (href) => assert.match(href, /show=theorem\+without-length&/));
      await tabTo(page, "Open on the stage");
      await page.keyboard.press("Enter");
      await until(() => sheet(page).count(), (open) => assert.equal(open, 0));
      await page.keyboard.press("End");
      await sees(page, (at) => assert.match(at.verdicts.join(" | "), /HOST\d was killed by an old RST/));
      await until(() => addressOf(page), (href) => assert.doesNotMatch(href, /show=/));
      // What the network did is what the card says it did.
      const done = (await sceneOf(page)).filter((line) => /^(drop|delay|duplicate) /.test(line));
      assert.equal(done.length, acts);
      const events = eventsOf(await trace(page));
      const last = events.at(-1);
      const resets = events.filter(({ what }) => /^arrived \S+ RST/.test(what));
      assert.equal(resets.at(-1).at, last.at, "the run ends with the RST");
    },
    { context: WIDE },
  ));

for (const premise of PREMISES) {
  test(`without ${premise}: something is found soon, and opens`, () =>
    onStage(
      async (page, address) => {
        await shows(page, address, "theorem");
        await isOver(page, /^Never\./);
        const begins = Date.now();
        await switches(page, premise).click();
        await found(page).first().waitFor({ timeout: LONG });
        const took = Date.now() - begins;
        console.log(`without ${premise}: the first counterexample after ${took} ms`);
        assert.ok(took < 5_000, `${took} ms`);
        const harm = await found(page).first().getAttribute("data-harm");
        const verdict = { "foreign-octets": /foreign bytes/, "foreign-fin": /foreign FIN/, "old-rst": /old RST/ }[harm];
        const two = found(page).first().locator('[data-open="two"]');
        const isOfOneHost = !["lifetime", "orderly", "new-iss"].includes(premise);
        assert.equal(await two.count(), isOfOneHost ? 1 : 0);
        await found(page).first().locator(`[data-open="${isOfOneHost ? "two" : "one"}"]`).click();
        await until(() => sheet(page).count(), (open) => assert.equal(open, 0));
        await page.keyboard.press("End");
        const at = await sees(page, ({ verdicts }) => assert.match(verdicts.join(" | "), verdict));
        assert.equal(at.worlds.length, isOfOneHost ? 2 : 1);
        if (isOfOneHost) assert.doesNotMatch(at.worlds[1].verdicts.join(" | "), verdict, "the premise prevents it");
      },
      { context: WIDE },
    ));
}

test("several premises and the defences are in the link, and a reload restores them", () =>
  onStage(
    async (page, address) => {
      await shows(page, address, "theorem");
      for (const name of ["new-iss", "length", "rfc-5961"]) await switches(page, name).click();
      await page.locator(".acts").getByRole("button", { name: "2" }).click();
      const words = /show=theorem\+without-length\+without-new-iss\+without-rfc-5961\+acts-2&/;
      await until(() => addressOf(page), (href) => assert.match(href, words));
      await isOver(page, /^Found\./);
      const before = await page.locator(".runs").innerText();
      await page.reload();
      await isOver(page, /^Found\./);
      assert.equal(await page.locator(".runs").innerText(), before);
      const off = await page.locator('[data-switch][aria-checked="false"]').evaluateAll((all) => all.map((one) => one.dataset.switch));
      assert.deepEqual(off, ["length", "new-iss", "rfc-5961", "timestamps", "isn-clock"]);
      await page.locator('[data-act="all-on"]').click();
      await until(() => switches(page, "length").getAttribute("aria-checked"), (on) => assert.equal(on, "true"));
      // What this version doesn't know is told.
      await page.goto(`${address}#lang=en&show=theorems`);
      await page.reload();
      await until(() => sheet(page).innerText(), (text) => assert.match(text, /The link asks for “theorems”/));
    },
    { context: WIDE },
  ));

test("nothing of it is fetched before somebody opens a screen", () =>
  onStage(
    async (page, address) => {
      const asked = [];
      page.on("request", (request) => asked.push(request.url()));
      await page.goto(address);
      await page.waitForTimeout(3_500);
      const ours = () => asked.filter((url) => /\/(worker|explorer)-[0-9a-f]{16}\./.test(url));
      assert.deepEqual(ours(), []);
      assert.equal(page.workers().length, 0);
      await button(page, "Adversary").click();
      await until(() => progress(page), (text) => assert.match(text, /states/));
      assert.equal(page.workers().length, 1);
      assert.equal(ours().length, 2);
      await page.locator('[data-show="lost-acks"]').click();
      await until(() => focused(page), (name) => assert.equal(name, "How many lost ACKs?"));
      await page.locator(".found").waitFor();
      assert.equal(page.workers().length, 1);
      await page.keyboard.press("Escape");
      await until(async () => page.workers().length, (count) => assert.equal(count, 0, "who closes it ends it"));
    },
    { context: WIDE },
  ));

test("who can't fetch it is told, and searching again helps", () =>
  onStage(
    async (page, address) => {
      for (const file of ["**/worker-*.js", "**/explorer-*.wasm"]) {
        await page.context().route(file, (route) => route.abort());
        await shows(page, address, "theorem+acts-1");
        await page.reload();
        await isOver(page, /^The adversary could not be fetched/);
        await page.context().unroute(file);
        await button(page, "Search again").click();
        await isOver(page, /^Never\./);
      }
    },
    { context: WIDE, expected: /ERR_FAILED|Failed to fetch/ },
  ));

test("a search is cancelled, says what it covered, and the page draws frames all the while", () =>
  onStage(
    async (page, address) => {
      await shows(page, address, "lengths+acts-3");
      await isOver(page, /^Length \d+ of 25/);
      const frames = await page.evaluate(
        () =>
          new Promise((done) => {
            const long = [];
            new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
            const begins = performance.now();
            let count = 0;
            const frame = () => {
              count += 1;
              if (performance.now() - begins < 1_500) requestAnimationFrame(frame);
              else done({ rate: (count * 1_000) / (performance.now() - begins), long });
            };
            requestAnimationFrame(frame);
          }),
      );
      console.log(`while it searches: ${frames.rate.toFixed(1)} frames a second, long tasks: ${frames.long.length}`);
      assert.deepEqual(frames.long, []);
      assert.ok(frames.rate > 45, `${frames.rate} frames a second`);
      assert.match(await progress(page), /states a second, \d+ MiB/);
      await button(page, "Cancel").click();
      await isOver(page, /^Stopped\./);
      const before = await progress(page);
      await page.waitForTimeout(400);
      assert.equal(await progress(page), before, "it has really stopped");
      await button(page, "Search again").click();
      await isOver(page, /^Length \d+ of 25/);
      // Another question takes the place of this one.
      await page.locator('.tabs [data-show="theorem"]').click();
      await isOver(page, /^Never\./);
      await page.locator(".acts").getByRole("button", { name: "4" }).click();
      await isOver(page, /^Searching/);
      await page.locator('[data-act="search"]').click();
      await isOver(page, /^Stopped\./);
      assert.match(await conclusion(page), /Until then [\d,]+ states were tried, and all runs with fewer acts than \d\./);
    },
    { context: WIDE },
  ));

test("where memory ends it is said what was covered, and memory stays below 256 MiB", () =>
  onStage(
    async (page, address) => {
      await shows(page, address, "theorem+acts-4");
      await isOver(page, /^Not found\./);
      assert.match(await conclusion(page), /not all was tried: [\d,]+ runs were not followed, for want of room\. All runs with fewer acts than \d were tried\./);
      const [, memory] = /(\d+) MiB/.exec(await progress(page));
      assert.ok(Number(memory) <= 256, `${memory} MiB`);
    },
    { context: WIDE },
  ));

test("the chart of lengths has the committed figures, and each point its run or the reason why not", () =>
  onStage(
    async (page, address) => {
      await shows(page, address, "lengths");
      await isOver(page, /^All lengths are searched\./);
      const text = readFileSync(fileURLToPath(new URL("../../tests/adversary/lengths.txt", import.meta.url)), "utf8");
      const rows = text.trim().split("\n").map((line) => /^ *(\d+)\/8 MSL (\S+) +(?:(\d+) ways|(never|not found))/.exec(line));
      const slider = page.getByRole("slider", { name: "Length of TIME_WAIT" });
      await slider.focus();
      await page.keyboard.press("Home");
      for (let length = 0; length <= 24; length += 1) {
        if (length > 0) await page.keyboard.press("ArrowRight");
        for (const [, , harm, ways, none] of rows.filter((row) => Number(row[1]) === length)) {
          const value = page.locator(`.legend [data-harm="${harm}"] .value`);
          const wanted = ways === undefined ? none : `ways: ${Number(ways).toLocaleString("en-GB")}`;
          await until(() => value.innerText(), (said) => assert.equal(said, wanted, `${length}/8 MSL ${harm}`));
        }
      }
      await until(() => addressOf(page), (href) => assert.match(href, /show=lengths\+point-24-/));
      assert.match(await page.locator(".result").innerText(), /With a TIME_WAIT of 3 MSL it never comes/);
      // From where on each is at zero, as the table has it.
      for (const harm of ["foreign-octets", "foreign-fin", "old-rst", "spurious-rst"]) {
        const last = Math.max(...rows.filter((row) => row[2] === harm && row[4] !== "never").map((row) => Number(row[1])));
        const from = await page.locator(`.legend [data-harm="${harm}"] small`).innerText();
        assert.equal(from, `never from ${(last + 1) / 8} MSL on`);
      }
      // A click on the chart chooses what is there; its run opens.
      const box = await page.locator(".chart-drawing").boundingBox();
      await page.mouse.click(box.x + (box.width * 8) / 24 + 2, box.y + box.height * 0.1);
      await until(() => addressOf(page), (href) => assert.match(href, /point-8-old-rst/));
      await page.locator('[data-open="one"]').click();
      await page.keyboard.press("End");
      await sees(page, (at) => assert.match(at.verdicts.join(" | "), /old RST/));
    },
    { context: WIDE },
  ));

test("the chart of lost ACKs: so many lost, and the RST comes on the stage", () =>
  onStage(
    async (page, address) => {
      await shows(page, address, "lost-acks+point-2s-linux");
      await until(() => page.locator(".result").innerText(), (text) => assert.match(text, /Linux 6 on both hosts and a TIME_WAIT of 2 s: the RST comes .*: 4\./));
      await page.getByRole("slider", { name: "Length of TIME_WAIT" }).focus();
      await page.keyboard.press("End");
      await until(() => page.locator(".result").innerText(), (text) => assert.match(text, /240 s, the RST never comes/));
      await page.locator('.legend [data-stack="rfc9293"]').click();
      await page.getByRole("slider", { name: "Length of TIME_WAIT" }).focus();
      await page.keyboard.press("Home");
      await until(() => page.locator(".result").innerText(), (text) => assert.match(text, /RFC 9293 on both hosts and a TIME_WAIT of 0 ms: the RST comes .*: 1\./));
      await page.locator('[data-open="one"]').click();
      await page.keyboard.press("End");
      await sees(page, (at) => assert.match(at.verdicts.join(" | "), /spurious RST/));
      const { verdicts } = await moment(page);
      assert.equal((await sceneOf(page)).filter((line) => line.startsWith("drop ")).length, 1, verdicts.join());
    },
    { context: WIDE },
  ));

for (const [look, lang, viewport] of [
  ["light", "en", WIDE.viewport],
  ["dark", "zh", WIDE.viewport],
  ["light", "zh", { width: 360, height: 740 }],
  ["dark", "en", { width: 360, height: 740 }],
]) {
  test(`axe finds nothing, and all has room: ${look}, ${lang}, ${viewport.width} wide`, () =>
    onStage(
      async (page, address) => {
        for (const words of ["theorem+without-length+acts-2", "lengths+acts-1", "lost-acks"]) {
          await shows(page, address, words, lang);
          await page.reload();
          await until(() => page.locator(".found").count(), (count) => assert.ok(count > 0), LONG);
          await page.waitForTimeout(300);
          const { wcag, practice } = await axe(page);
          assert.deepEqual([...wcag, ...practice], [], words);
          assert.deepEqual(await faintTexts(page), [], words);
          assert.deepEqual(await overflows(page), [], words);
          const text = await sheet(page).innerText();
          assert.equal(/[\u4e00-\u9fff]/.test(text), lang === "zh", words);
        }
      },
      { context: { ...WIDE, viewport, colorScheme: look } },
    ));
}
