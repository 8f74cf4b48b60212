// Time in a person's hands: play, pause, step, scrub, speed, ends, a click on what happened; a
// segment that is pointed at holds it; and nothing runs while it stands.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hashOf, open, sceneText } from "../checks.mjs";
import { addressOf, button, keys, moment, mouse, scrubBar, sees, seesClock, seesStory, stands, trace, until } from "../person.mjs";
import { eventsOf, momentOf } from "../told.mjs";
import { onStage } from "../stage.mjs";

const WIDE = { viewport: { width: 1366, height: 768 }, locale: "en-GB" };
const ACK = sceneText("lost-last-ack");

/**
 * The moments that a step leads to: those of the trace, and the end of the axis. A segment that is
 * lost on its way leaves one more, where its way ends.
 */
async function momentsOf(page) {
  return [...new Set(eventsOf(await trace(page)).map(({ at }) => at))];
}

test("steps go to each moment of the trace, forward and back, by mouse and by keys", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK });
      await page.locator("main").focus();
      const moments = await momentsOf(page);
      assert.ok(moments.length > 20);
      assert.equal((await moment(page)).clock, moments[0]);
      const there = [];
      for (const [at, hand] of [...moments.slice(1).entries()].map(([place, time]) => [time, place % 2 ? keys : mouse])) {
        await hand.step(page);
        await seesClock(page, at);
        there.push((await moment(page)).story);
      }
      // One more goes to the end and stays there.
      await keys.step(page);
      const end = await until(() => moment(page), ({ clock }) => assert.notEqual(clock, moments.at(-1)));
      await keys.step(page);
      await seesClock(page, end.clock);
      for (const [place, at] of [...moments.entries()].reverse()) {
        await (place % 2 ? keys : mouse).back(page);
        const seen = await sees(page, ({ clock }) => assert.equal(clock, at));
        if (place > 0) assert.equal(seen.story, there[place - 1], `another story at ${at}`);
      }
      await keys.back(page);
      await seesClock(page, "0.000 s");
    },
    { context: WIDE },
  ));

test("to the ends, and play from the end begins anew", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "1250ms" });
      const last = (await momentsOf(page)).at(-1);
      for (const hand of [mouse, keys]) {
        await hand.toEnd(page);
        const end = await sees(page, ({ clock }) => assert.ok(parseFloat(clock) > parseFloat(last), clock));
        assert.equal(await scrubBar(page).inputValue(), "10000");
        await hand.toStart(page);
        await seesClock(page, "0.000 s");
        assert.equal(await scrubBar(page).inputValue(), "0");
        await hand.toEnd(page);
        await seesClock(page, end.clock);
        await page.locator("main").focus();
        await hand.play(page);
        await sees(page, (at) => assert.ok(at.playing && parseFloat(at.clock) < parseFloat(last), at.clock));
        await hand.play(page);
        await sees(page, (at) => assert.equal(at.playing, false));
      }
    },
    { context: WIDE },
  ));

test("it plays, stands when it is paused, and goes on from there", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "200ms" });
      assert.equal(await page.locator(".play").getAttribute("aria-label"), "Play");
      await button(page, "Play").click();
      await sees(page, (at) => assert.ok(parseFloat(at.clock) > 0.25, at.clock));
      await button(page, "Pause").click();
      const { clock } = await sees(page, (at) => assert.equal(at.playing, false));
      assert.ok(parseFloat(clock) < 60, "it had played to the end");
      await page.waitForTimeout(300);
      assert.equal((await moment(page)).clock, clock);
      await keys.play(page);
      await sees(page, (at) => assert.ok(parseFloat(at.clock) > parseFloat(clock)));
      await keys.play(page);
      await sees(page, (at) => assert.equal(at.playing, false));
      // At the end it stops by itself.
      await mouse.toEnd(page);
      await mouse.back(page);
      await mouse.play(page);
      await sees(page, (at) => assert.equal(at.playing, false));
      assert.equal(await scrubBar(page).inputValue(), "10000");
    },
    { context: WIDE },
  ));

test("scrubbing shows any moment, and what it says is what is there", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK });
      const events = eventsOf(await trace(page));
      // By mouse: a drag along the bar, to where the first data are in flight.
      const bar = await scrubBar(page).boundingBox();
      const y = bar.y + bar.height / 2;
      await page.mouse.move(bar.x + 9, y);
      await page.mouse.down();
      await page.mouse.move(bar.x + bar.width * 0.25, y, { steps: 4 });
      await page.mouse.move(bar.x + bar.width * 0.5, y, { steps: 4 });
      const middle = await sees(page, (at) => assert.notEqual(at.clock, "0.000 s"));
      await page.mouse.up();
      await seesClock(page, middle.clock);
      const place = Number(await scrubBar(page).inputValue());
      assert.ok(Math.abs(place - 5000) < 120, `at ${place}`);
      // The states are those of the trace by then.
      const micros = parseFloat(middle.clock) * 1e6;
      const now = (host) => events.findLast((one) => one.kind === "state" && one.host === host && one.micros <= micros + 500)?.what.split(" to ")[1].replaceAll("-", "_") ?? "LISTEN";
      assert.deepEqual(middle.states, [now("HOST1"), now("HOST2")]);
      assert.match(await scrubBar(page).getAttribute("aria-valuetext"), /^\d\.\d{3} s, step \d+ of \d+$/);
      // By keys: the bar is a slider like any other, and its value says the moment.
      await scrubBar(page).focus();
      await page.keyboard.press("PageUp");
      await sees(page, (at) => assert.ok(parseFloat(at.clock) > parseFloat(middle.clock), at.clock));
      await page.keyboard.press("Home");
      await seesClock(page, "0.000 s");
    },
    { context: WIDE },
  ));

test("the speed changes the pace, by a click and by keys", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK });
      const speed = page.locator(".speed");
      const pace = async () => {
        await page.locator("main").focus();
        await keys.toStart(page);
        await keys.play(page);
        // From one frame to the last of half a second, in the page's own time.
        const passed = await page.evaluate(async () => {
          const frame = () => new Promise((done) => requestAnimationFrame(done));
          const bar = document.querySelector(".scrub input");
          const [from, at] = [await frame(), Number(bar.value)];
          let to = from;
          while (to - from < 500) to = await frame();
          return (Number(bar.value) - at) / (to - from);
        });
        await keys.play(page);
        return passed;
      };
      assert.equal(await speed.innerText(), "1×");
      const usual = await pace();
      for (const shown of ["½×", "¼×", "⅛×", "⅛×"]) {
        await page.keyboard.press("-");
        await until(() => speed.innerText(), (text) => assert.equal(text, shown));
      }
      const slow = await pace();
      for (const shown of ["¼×", "½×", "1×", "2×"]) {
        await page.keyboard.press("+");
        await until(() => speed.innerText(), (text) => assert.equal(text, shown));
      }
      const fast = await pace();
      assert.ok(usual > slow * 3 && fast > usual * 1.3, `⅛×: ${slow}, 1×: ${usual}, 2×: ${fast} ten-thousandths a millisecond`);
      for (const shown of ["4×", "8×", "⅛×"]) {
        await speed.click();
        await until(() => speed.innerText(), (text) => assert.equal(text, shown));
        assert.equal(await speed.getAttribute("aria-label"), `Speed ${shown}`);
      }
    },
    { context: WIDE },
  ));

test("a click on an arrow goes to the end that is nearer, one beside them to that height", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "1300ms" });
      const events = eventsOf(await trace(page));
      const sent = events.filter(({ kind }) => kind === "sent");
      const again = sent.findIndex(({ what }) => / again /.test(what));
      const name = sent[again].what.split(" ")[1];
      const arrived = events.find(({ what }) => what.startsWith(`arrived ${name} `));
      const ends = async () => {
        const box = await page.locator(`[data-arrow="${again}"] .hit`).evaluate((line) => {
          const matrix = line.getScreenCTM();
          const at = (end) => new DOMPoint(line[`x${end}`].baseVal.value, line[`y${end}`].baseVal.value).matrixTransform(matrix);
          return [at(1), at(2)].map(({ x, y }) => ({ x, y }));
        });
        const along = (share) => ({ x: box[0].x + share * (box[1].x - box[0].x), y: box[0].y + share * (box[1].y - box[0].y) });
        return [along(0.15), along(0.85)];
      };
      const [, far] = await ends();
      await page.mouse.click(far.x, far.y);
      await seesClock(page, arrived.at);
      await seesStory(page, "FIN,ACK 3006/1007 arrives at HOST1.");
      const [near] = await ends();
      await page.mouse.click(near.x, near.y);
      await seesClock(page, sent[again].at);
      // The keys work at once: the focus is on the stage.
      await keys.step(page);
      await seesClock(page, arrived.at);
      // Beside the arrows, below the line of the moment: what comes later, at that height.
      const ladder = await page.locator(".ladder").boundingBox();
      const line = await page.locator(".now .wire").boundingBox();
      await page.mouse.click(ladder.x + ladder.width * 0.02, line.y + 30);
      const later = await sees(page, (at) => assert.ok(parseFloat(at.clock) > parseFloat(arrived.at), at.clock));
      await page.mouse.click(ladder.x + ladder.width * 0.02, ladder.y + 8);
      await sees(page, (at) => assert.ok(parseFloat(at.clock) < parseFloat(later.clock), at.clock));
    },
    { context: WIDE },
  ));

test("a click in the list of all that happens goes there", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK });
      await page.keyboard.press("t");
      const rows = page.locator(".transcript li button");
      const moments = await momentsOf(page);
      await until(() => rows.count(), (count) => assert.equal(count, moments.length));
      const row = rows.filter({ hasText: "HOST1 sends RST 1007." });
      await row.click();
      await seesClock(page, "1.250 s");
      await sees(page, (at) => assert.equal(at.states.join(), "CLOSED,LAST_ACK"));
      const marked = () => page.locator('.transcript [aria-current="step"]').evaluateAll((all) => all.map((one) => one.querySelector(".time").textContent));
      await until(marked, (times) => assert.deepEqual(times, ["1.250 s"]));
      // The mark follows, and stays in sight.
      for (const [press, time] of [["End", moments.at(-1)], ["Home", "0.000 s"]]) {
        await page.locator("main").focus();
        await page.keyboard.press(press);
        await until(marked, (times) => assert.deepEqual(times, [time]));
        const [list, line] = await Promise.all([page.locator(".transcript").boundingBox(), page.locator('.transcript [aria-current="step"]').boundingBox()]);
        assert.ok(line.y >= list.y - 1 && line.y + line.height <= list.y + list.height + 1, `the line is at ${line.y} in a list at ${list.y}, ${list.height} high`);
      }
      await page.keyboard.press("t");
      await until(() => page.locator(".story").count(), (count) => assert.equal(count, 1));
    },
    { context: WIDE },
  ));

/** Counts what a page does for some time: frames that are asked for, changes of the document, animations. */
function activity(page, millis) {
  return page.evaluate(async (millis) => {
    const done = { frames: 0, changes: [], animations: 0 };
    const ask = window.requestAnimationFrame;
    window.requestAnimationFrame = (callback) => (done.frames++, ask.call(window, callback));
    const watch = new MutationObserver((all) => done.changes.push(...all.map(({ type, target, attributeName }) => `${type} ${attributeName ?? ""} of ${target.nodeName} .${target.className ?? ""}`)));
    watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    await new Promise((over) => setTimeout(over, millis));
    done.animations = document.getAnimations().length;
    watch.disconnect();
    window.requestAnimationFrame = ask;
    return done;
  }, millis);
}

for (const [name, link] of [
  ["one world", { scene: ACK, t: "225ms" }],
  ["two worlds", { scene: ACK, t: "1270ms", more: "w=A+time-wait=60s" }],
  ["TIME_WAIT", { scene: sceneText("lost-last-ack-time-wait"), t: "1300ms" }],
]) {
  test(`nothing moves while it stands: ${name}`, () =>
    onStage(
      async (page, address) => {
        await stands(page, address, link);
        // The address is written once more.
        await page.waitForTimeout(600);
        assert.deepEqual(await activity(page, 500), { frames: 0, changes: [], animations: 0 });
        // The same after it has played.
        await page.locator("main").focus();
        await keys.play(page);
        const playing = await activity(page, 300);
        assert.ok(playing.frames > 0 && playing.changes.length > 0, "it doesn't play");
        await keys.play(page);
        await page.waitForTimeout(600);
        assert.deepEqual(await activity(page, 500), { frames: 0, changes: [], animations: 0 });
      },
      { context: WIDE },
    ));
}

test("pointing at a segment holds time, and letting go lets it run on", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "205ms" });
      for (const _ of "123") await page.keyboard.press("-");
      await keys.play(page);
      const clock = async () => parseFloat((await moment(page)).clock);
      const chip = page.locator(".chip");
      const middle = async () => {
        const box = await chip.boundingBox();
        return [box.x + box.width / 2, box.y + box.height / 2];
      };
      const isStill = async () => {
        const before = await clock();
        await page.waitForTimeout(200);
        return (await clock()) === before;
      };
      await page.mouse.move(...(await middle()));
      await until(isStill, (still) => assert.ok(still, "time runs on while the segment is pointed at"));
      assert.equal((await moment(page)).playing, true);
      const held = await clock();
      await page.mouse.move(10, 400);
      await until(clock, (now) => assert.ok(now > held, "time doesn't run on"));
      // The same in the list beside it, and by the focus.
      const inList = page.locator(".in-list").first();
      await inList.hover();
      await until(isStill, (still) => assert.ok(still, "the list doesn't hold time"));
      const there = await clock();
      await page.mouse.move(10, 400);
      await until(clock, (now) => assert.ok(now > there));
      await page.keyboard.press("s");
      await until(isStill, (still) => assert.ok(still, "the focus doesn't hold time"));
      const focused = await clock();
      await page.locator("main").focus();
      await until(clock, (now) => assert.ok(now > focused));
      // A menu holds it until it is closed.
      await page.keyboard.press("1");
      await until(isStill, (still) => assert.ok(still, "the menu doesn't hold time"));
      const open = await clock();
      await page.keyboard.press("Escape");
      await until(clock, (now) => assert.ok(now > open));
    },
    { context: WIDE },
  ));

test("time runs on when the segment that was pointed at has arrived or was dropped", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "205ms" });
      await keys.play(page);
      const box = await page.locator(".in-list").first().boundingBox();
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      // A step leads past its arrival, so that its button is gone from under the pointer.
      await keys.step(page);
      await seesClock(page, "0.250 s");
      await keys.play(page);
      await sees(page, (at) => assert.ok(parseFloat(at.clock) > 0.3, at.clock));
    },
    { context: WIDE },
  ));

test("with reduced motion it plays in steps, and asks for no frames", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK });
      const moments = await momentsOf(page);
      await page.evaluate(() => {
        window.clocks = [];
        window.screens = [];
        const clock = document.querySelector(".clock");
        const words = () => [".cards", ".why"].map((part) => document.querySelector(part).innerText).join("\n");
        const note = () => {
          window.clocks.push(clock.textContent.replace("t = ", ""));
          // Well before the next step.
          setTimeout(() => window.screens.push(words()), 400);
        };
        new MutationObserver(note).observe(clock, { subtree: true, characterData: true, childList: true });
      });
      await page.locator("main").focus();
      await keys.play(page);
      const { frames } = await activity(page, 500);
      assert.equal(frames, 0);
      const clocks = await until(() => page.evaluate(() => window.clocks), (seen) => assert.ok(seen.length >= 3, seen));
      assert.deepEqual(clocks.slice(0, 3), moments.slice(1, 4));
      const screens = await until(() => page.evaluate(() => window.screens), (seen) => assert.ok(seen.length >= 3, seen));
      await keys.play(page);
      await sees(page, (at) => assert.equal(at.playing, false));
      // Each step showed all that one sees who goes there by hand.
      await keys.toStart(page);
      for (const screen of screens.slice(0, 3)) {
        await keys.step(page);
        const words = () => page.evaluate(() => [".cards", ".why"].map((part) => document.querySelector(part).innerText).join("\n"));
        await until(words, (now) => assert.equal(now, screen));
      }
      const { clock } = await moment(page);
      await page.waitForTimeout(1_300);
      assert.equal((await moment(page)).clock, clock);
    },
    { context: { ...WIDE, reducedMotion: "reduce" } },
  ));

test("a quiet minute passes fast, with a mark that says how much was left out", () =>
  onStage(
    async (page, address) => {
      await open(page, address + hashOf({ scene: sceneText("lost-last-ack-time-wait"), t: "2100ms" }));
      const since = Date.now();
      await page.locator("main").focus();
      await keys.play(page);
      await sees(page, (at) => assert.ok(parseFloat(at.clock) >= 61, at.clock));
      assert.ok(Date.now() - since < 15_000);
      const words = await page.locator(".break text").allTextContents();
      const fired = eventsOf(await trace(page)).find(({ what }) => /time-wait fired/.test(what));
      assert.ok(words.some((word) => /^5\d(\.\d)? s skipped$/.test(word)), `${words} for the stretch until ${momentOf(fired.micros)}`);
      // The same on the scrub bar.
      await page.locator(".gap", { hasText: /≈ 5\d(\.\d)? s/ }).waitFor();
    },
    { context: WIDE },
  ));

/** What moves, at one instant: the line, the knob, and each chip that stands on the line. */
function moving(page) {
  return page.evaluate(() => {
    const centre = (one) => {
      const { x, y, width, height } = one.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    };
    const bar = document.querySelector(".done").parentElement.getBoundingClientRect();
    const drawing = document.querySelector(".drawing").getBoundingClientRect();
    const chips = [...document.querySelectorAll(".chip")].filter((one) => one.parentElement.style.getPropertyValue("--level") === "0");
    return {
      running: document.getAnimations().filter(({ playState }) => playState === "running").map(({ effect }) => effect.target.className),
      line: document.querySelector(".now .wire").getBoundingClientRect().y,
      // The line moves between 2 and 98 hundredths of the run: see HEIGHT in ladder.rs.
      place: (document.querySelector(".knob").getBoundingClientRect().x - bar.x) / bar.width,
      top: drawing.y + 0.02 * drawing.height,
      length: 0.96 * drawing.height,
      chips: chips.map(centre),
      seconds: parseFloat(document.querySelector(".clock").textContent.slice(4)),
    };
  });
}

test("while it plays, the line, the segments and the scrub bar move as one, and stand when it's paused", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "0ms" });
      assert.deepEqual((await moving(page)).running, []);
      await page.locator("main").focus();
      for (const speed of ["1×", "2×"]) {
        await page.keyboard.press("Home");
        await page.keyboard.press("Space");
        const places = [];
        let chips = 0;
        for (let times = 0; times < 12; times++) {
          await page.waitForTimeout(150);
          const seen = await moving(page);
          assert.ok(seen.running.includes("now") && seen.running.includes("knob"), String(seen.running));
          assert.ok(Math.abs(seen.line - (seen.top + seen.place * seen.length)) < 2, JSON.stringify(seen));
          for (const chip of seen.chips) assert.ok(Math.abs(chip.y - seen.line) < 2, JSON.stringify(seen));
          chips += seen.chips.length;
          places.push(seen.place);
        }
        assert.ok(chips > 3, `${chips} chips`);
        assert.deepEqual(places, places.toSorted((a, b) => a - b), "it went back");
        assert.ok(places.at(-1) - places[0] > 0.05, speed);
        await page.keyboard.press("Space");
        const stood = await until(() => moving(page), (seen) => assert.deepEqual(seen.running, []));
        assert.ok(Math.abs(stood.line - (stood.top + stood.place * stood.length)) < 2, JSON.stringify(stood));
        await page.waitForTimeout(300);
        assert.deepEqual(await moving(page), stood);
        await page.keyboard.press("+");
      }
    },
    { context: WIDE },
  ));

test("what is gone from the stage moves no more, and keeps the browser busy with nothing", () =>
  onStage(
    async (page, address) => {
      await page.addInitScript(() => {
        globalThis.made = [];
        globalThis.Animation = class extends Animation {
          constructor(...how) {
            super(...how);
            made.push(this);
          }
        };
      });
      await stands(page, address, { scene: ACK, t: "0ms" });
      await page.locator("main").focus();
      await page.keyboard.press("Space");
      // The states of those whose elements are gone.
      const gone = () => page.evaluate(() => made.filter(({ effect }) => !effect.target.isConnected).map(({ playState }) => playState));
      await until(gone, (states) => assert.ok(states.length >= 4), 10_000);
      assert.deepEqual([...new Set(await gone())], ["idle"]);
    },
    { context: WIDE },
  ));

test("paused at any moment, the stage says all that a link to it says", () =>
  onStage(
    async (page, address, another) => {
      const other = await another();
      for (const more of ["", "w=A+time-wait=none"]) {
        await stands(page, address, { scene: sceneText("lost-last-ack-time-wait"), t: "0ms", more });
        await page.locator("main").focus();
        for (const time of [90, 210, 330, 480, 640, 700]) {
          await page.keyboard.press("Space");
          await page.waitForTimeout(time);
          await page.keyboard.press("Space");
          await sees(page, ({ playing }) => assert.equal(playing, false));
          const own = await page.locator("main").innerText();
          // The address follows in half a second at most.
          await page.waitForTimeout(700);
          await open(other, await addressOf(page));
          await until(() => other.locator("main").innerText(), (said) => assert.equal(said, own));
        }
      }
    },
    { context: WIDE },
  ));
