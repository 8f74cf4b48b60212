// Two worlds that differ in one rule: split and joined with a click, acts that go to both, the place
// where they part, verdicts side by side, another rule. What is told of each is held against the
// engine's trace of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sceneText } from "../checks.mjs";
import { addressOf, button, card, chip, keys, moment, mouse, sees, seesClock, seesVerdict, sheet, stands, trace, until, world } from "../person.mjs";
import { eventsOf, toldOf } from "../told.mjs";
import { onStage } from "../stage.mjs";

const WIDE = { viewport: { width: 1366, height: 768 }, locale: "en-GB" };
const ACK = sceneText("lost-last-ack");
const SPLIT = { scene: ACK, more: "w=A+time-wait=60s" };

const titles = (at) => at.worlds.map(({ title }) => title);
const other = async (page) => new URLSearchParams(new URL(await addressOf(page)).hash.slice(1)).get("w");

test("one click splits the world in two, named by the rule that differs, and one joins it again", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "700ms" });
      const before = await trace(page);
      await button(page, "Two worlds").click();
      await sees(page, (at) => assert.deepEqual(titles(at), ["HOST1 forgets at once", "HOST1 keeps TIME_WAIT: 60 s"]));
      assert.equal(await other(page), "A time-wait=60s");
      assert.equal(await button(page, "Two worlds").getAttribute("aria-pressed"), "true");
      // One clock, and the first world is the one that was there.
      await seesClock(page, "0.700 s");
      assert.deepEqual(await trace(page, 0), before);
      assert.ok(eventsOf(await trace(page, 1)).some(({ what }) => / to TIME-WAIT$/.test(what)));

      await button(page, "One world").click();
      await sees(page, (at) => assert.deepEqual(titles(at), ["HOST1 forgets at once"]));
      assert.equal(await other(page), null);
      // By key, and back by undoing it.
      await page.locator("main").focus();
      await page.keyboard.press("w");
      await sees(page, (at) => assert.equal(at.worlds.length, 2));
      await page.keyboard.press("u");
      await sees(page, (at) => assert.equal(at.worlds.length, 1));
      // A world that keeps its TIME_WAIT is split into the other one.
      await mouse.switchTimeWait(page);
      await button(page, "Two worlds").click();
      await sees(page, (at) => assert.deepEqual(titles(at), ["HOST1 keeps TIME_WAIT: 60 s", "HOST1 forgets at once"]));
    },
    { context: WIDE },
  ));

/** What a spectator sees of a trace, instant by instant: no numbers of events, no gate that lets pass. */
function sights(lines) {
  const seen = new Map();
  for (const { at, host, what } of eventsOf(lines)) {
    if (/^gate \S+ passed/.test(what)) continue;
    seen.set(at, [...(seen.get(at) ?? []), `${host} ${what.replace(/^(gate \S+ \S+).*/, "$1")}`]);
  }
  return new Map([...seen].map(([at, all]) => [at, all.sort().join("\n")]));
}

/** The first moment at which two traces aren't the same to the eye. */
function partingOf(one, two) {
  const [left, right] = [sights(one), sights(two)];
  const moments = [...new Set([...left.keys(), ...right.keys()])].sort((a, b) => parseFloat(a) - parseFloat(b));
  return moments.find((at) => left.get(at) !== right.get(at));
}

test("where the worlds part is said, marked in both, and one click or key away", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, SPLIT);
      const at = partingOf(await trace(page, 0), await trace(page, 1));
      assert.equal(at, "0.950 s");
      for (const which of [0, 1]) assert.equal(await world(page, which).locator(".parting text").textContent(), "here the worlds part");
      assert.equal(await page.locator(".ticks .part").count(), 1);
      await button(page, `The worlds part at ${at}: go there`).click();
      await seesClock(page, at);
      await sees(page, (now) => assert.deepEqual(now.worlds.map(({ states }) => states[0]), ["CLOSED", "TIME_WAIT"]));
      // The mark in the drawing stands where the line of the moment is now.
      for (const which of [0, 1]) {
        const [mark, line] = await world(page, which).evaluate((one) =>
          [".parting line", ".now .wire"].map((part) => one.querySelector(part).getBoundingClientRect().y),
        );
        assert.ok(Math.abs(mark - line) < 2, `the mark is at ${mark}, the line at ${line}`);
      }
      await mouse.toStart(page);
      await seesClock(page, "0.000 s");
      await page.locator("main").focus();
      await page.keyboard.press("p");
      await seesClock(page, at);
      // The moments after it tell what each world has alone.
      await mouse.stepTo(page, "HOST1 sends RST 1007.");
      await sees(page, (now) => assert.deepEqual(now.worlds.map(({ chips }) => chips), [["RST 1007"], ["ACK 3007"]]));
    },
    { context: WIDE },
  ));

test("a rule that makes no difference is said to make none", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, more: "w=A+max-time-wait=7" });
      await page.getByText("The worlds have not parted: the rule makes no difference here.").waitFor();
      assert.equal(await page.locator(".parting, .ticks .part").count(), 0);
      assert.equal(partingOf(await trace(page, 0), await trace(page, 1)), undefined);
    },
    { context: WIDE },
  ));

test("an act in either world goes to both", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, SPLIT);
      await mouse.stepTo(page, 'send("hello")');
      // In the second world, with the mouse.
      await mouse.onSegment(page, '"hello" 1001', "Drop it", 1);
      for (const which of [0, 1]) {
        await chip(page, "hello", which).and(page.locator('[aria-label*="being lost"]')).waitFor();
        assert.equal(eventsOf(await trace(page, which)).filter(({ what }) => what === "lost A3").length, 1);
      }
      await mouse.undo(page);
      await sees(page, (at) => assert.equal(at.worlds.length, 2));
      for (const which of [0, 1]) await chip(page, "hello", which).and(page.locator('[aria-label$="in flight"]')).waitFor();
      // By a letter on the chip of the first.
      await keys.onSegment(page, "hello", "Delay it by 300 ms");
      for (const which of [0, 1]) {
        const arrived = eventsOf(await trace(page, which)).find(({ what }) => what.startsWith("arrived A3 "));
        assert.equal(arrived.at, "0.550 s");
      }
      // A call of a program.
      await mouse.atHost(page, "HOST2", "crash: the host forgets everything", { which: 1 });
      for (const which of [0, 1]) {
        await sees(page, (at) => assert.equal(at.worlds[which].states[1], "CLOSED"));
        assert.ok(eventsOf(await trace(page, which)).some(({ what }) => what.startsWith("call reboot")));
      }
    },
    { context: WIDE },
  ));

test("a segment that is on the wire in one world only can be dropped there, from the list too", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { ...SPLIT, t: "1270ms" });
      // The same place in the order of segments, but not the same segment.
      await sees(page, (at) => assert.deepEqual(at.worlds.map(({ chips }) => chips), [["RST 1007"], ["ACK 3007"]]));
      await sees(page, (at) => assert.deepEqual(at.wire, ["RST 1007", "ACK 3007"]), 3_000);
      await page.locator(".in-list", { hasText: "ACK 3007" }).click();
      await page.locator(".menu").getByRole("button", { name: "Drop it" }).click();
      await chip(page, "ACK 3007", 1).and(page.locator('[aria-label*="being lost"]')).waitFor();
      await chip(page, "RST 1007", 0).and(page.locator('[aria-label*="in flight"]')).waitFor();
      const lost = async (which) => eventsOf(await trace(page, which)).filter(({ kind }) => kind === "lost").length;
      assert.deepEqual([await lost(0), await lost(1)], [1, 2]);
      // What is done to one of them takes nothing back from the other.
      await mouse.onSegment(page, "RST 1007", "Drop it", 0);
      await until(async () => [await lost(0), await lost(1)], (both) => assert.deepEqual(both, [2, 2]));
      await mouse.onSegment(page, "ACK 3007", "Let it arrive", 1);
      await until(async () => [await lost(0), await lost(1)], (both) => assert.deepEqual(both, [2, 1]));
    },
    { context: WIDE },
  ));

test("the verdicts stand side by side", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, SPLIT);
      await mouse.toEnd(page);
      await seesVerdict(page, "✕ spurious RST: HOST2's close ends in an error", 0);
      await seesVerdict(page, "✓ closed in order", 1);
      const [one, two] = await Promise.all([0, 1].map((which) => world(page, which).locator(".verdicts").boundingBox()));
      assert.ok(Math.abs(one.y - two.y) < 4 && one.x + one.width <= two.x, "they aren't side by side");
      const resets = async (which) => eventsOf(await trace(page, which)).filter(({ what }) => /^sent \S+ RST/.test(what)).length;
      assert.deepEqual([await resets(0), await resets(1)], [1, 0]);
      assert.match(await card(page, "HOST2", 0).innerText(), /ECONNRESET/);
      assert.doesNotMatch(await card(page, "HOST2", 1).innerText(), /ECONNRESET/);
    },
    { context: WIDE },
  ));

// HOST2 has a connection, and a RST with a number inside its window is put on the wire.
const RST = [
  "time-wait-lab 1",
  "A rfc9293 iss=100",
  "B rfc9293 iss=300",
  "wire A 50ms B 50ms lifetime 120s",
  "0s B listen 80",
  "10ms A connect 80 from 40000",
  "300ms A send \"hello\"",
  "until 2s",
].join("\n");

test("another rule is chosen in the sheet, and both titles name it", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: RST });
      // From one world: compare on a switch.
      await button(page, "Rules").click();
      await sheet(page).getByRole("button", { name: "HOST2" }).click();
      await sheet(page).locator("li.setting", { has: page.locator("code", { hasText: /^rst-acceptance$/ }) }).getByRole("button", { name: /^Two worlds that differ in/ }).click();
      await sees(page, (at) => assert.equal(at.worlds.length, 2));
      const values = ["here", "there"].map((one) => sheet(page).locator(`#${one}-rst-acceptance`));
      const [here, there] = await until(() => Promise.all(values.map((one) => one.inputValue())), (both) => assert.notEqual(both[0], both[1]));
      assert.equal(await other(page), `B rst-acceptance=${there}`);
      // What else it could be: the textbook's rule.
      await values[1].selectOption("window");
      await until(() => other(page), (rule) => assert.equal(rule, "B rst-acceptance=window"));
      await page.keyboard.press("Escape");
      await until(() => sheet(page).count(), (count) => assert.equal(count, 0));
      const [one, two] = titles(await moment(page));
      assert.notEqual(one, two);
      for (const title of [one, two]) assert.match(title, /HOST2.*(rst-acceptance|RST)/, title);

      // A RST in the window, by hand: one world believes it.
      await mouse.stepTo(page, "HOST2: SYN_RECEIVED → ESTABLISHED");
      await forgeRst(page);
      await mouse.stepTo(page, /arrives at HOST2/);
      await sees(page, (at) => assert.deepEqual(at.worlds.map(({ states }) => states[1]), ["ESTABLISHED", "CLOSED"]));
      const ended = async (which) => eventsOf(await trace(page, which)).some(({ host, what }) => host === "HOST2" && / ESTABLISHED to CLOSED$/.test(what));
      assert.deepEqual([await ended(0), await ended(1)], [false, true], here);

      // Another rule from the second world's head, and back to one world from there.
      await button(page, "Other rule …").click();
      await sheet(page).getByRole("button", { name: "One world" }).click();
      await sees(page, (at) => assert.equal(at.worlds.length, 1));
      assert.equal(await other(page), null);
    },
    { context: WIDE },
  ));

async function forgeRst(page) {
  await page.locator("main").focus();
  await page.keyboard.press("f");
  await button(page, "a RST in the window").click();
  await button(page, "Put it on the wire").click();
  await until(() => sheet(page).count(), (count) => assert.equal(count, 0));
}

test("another stack in the second world is a difference too", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK });
      await button(page, "Two worlds").click();
      await button(page, "Other rule …").click();
      await sheet(page).getByRole("combobox", { name: "Stack in the second world" }).selectOption("rfc9293");
      await until(() => other(page), (rule) => assert.equal(rule, "A rfc9293"));
      await page.keyboard.press("Escape");
      await sees(page, (at) => assert.deepEqual(titles(at), ["HOST1 · Linux 6", "HOST1 · RFC 9293"]));
    },
    { context: WIDE },
  ));

for (const [name, more] of [["lost-last-ack", "w=A+time-wait=60s"], ["stray-segment", "w=A+time-wait=240s"], ["assassination", "w=A+time-wait-rst=ignored"]]) {
  test(`what is told of both worlds is what the engine's traces say: ${name}`, () =>
    onStage(
      async (page, address) => {
        await stands(page, address, { scene: sceneText(name), more });
        await page.keyboard.press("t");
        const lists = page.locator(".transcript");
        await until(() => lists.count(), (count) => assert.equal(count, 2));
        for (const which of [0, 1]) {
          const told = toldOf(await trace(page, which));
          const rows = await lists.nth(which).locator("li button").evaluateAll((all) =>
            all.map((row) => [row.querySelector(".time").textContent, row.querySelector(".said").textContent]),
          );
          assert.deepEqual(rows.map(([at]) => at), [...told.keys()]);
          for (const [at, said] of rows) for (const sentence of told.get(at)) assert.ok(said.includes(sentence), `${at}: "${sentence}" isn't in "${said}"`);
          const count = (text, pattern) => text.match(pattern)?.length ?? 0;
          const [allSaid, allTold] = [rows.map(([, said]) => said).join(" "), [...told.values()].flat().join(" ")];
          for (const pattern of [/ arrives at HOST/g, /HOST\d sends /g, / is lost\./g]) assert.equal(count(allSaid, pattern), count(allTold, pattern), String(pattern));
        }
      },
      { context: WIDE },
    ));
}
