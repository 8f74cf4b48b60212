// The two disasters, with TIME_WAIT and without, made by hand: once with the mouse and once with the
// keys alone. And the one that the page opens with.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sceneText } from "../checks.mjs";
import { MANNERS, card, mouse, seesStory, seesVerdict, sees, stands, trace, until } from "../person.mjs";
import { eventsOf } from "../told.mjs";
import { onStage } from "../stage.mjs";

const WIDE = { viewport: { width: 1366, height: 768 }, locale: "en-GB" };

/** The lines of the trace in which a pattern is found, in order. */
const found = (lines, pattern) => eventsOf(lines).filter(({ what }) => pattern.test(what));

test("the page opens, plays by itself, and shows why HOST2's close ends in an error", () =>
  onStage(
    async (page, address) => {
      await page.goto(address);
      const since = Date.now();
      await sees(page, (at) => assert.ok(at.playing));
      await seesStory(page, "RST 1007 arrives at HOST2.");
      await seesVerdict(page, "spurious RST: HOST2's close ends in an error");
      await sees(page, (at) => assert.deepEqual([at.playing, at.states], [false, ["CLOSED", "CLOSED"]]));
      assert.ok(Date.now() - since < 30_000, "the scene takes too long");
      assert.match(await card(page, "HOST2").innerText(), /getsockopt\(SO_ERROR\) = ECONNRESET/);
      assert.match(await card(page, "HOST1").innerText(), /no record of this connection/);
    },
    { context: WIDE },
  ));

// Linux tells a program of a RST in LAST_ACK, the RFC doesn't. HOST2's program closes nothing here:
// that is done by hand, in the way that keeps its descriptor, so that it can be told.
const CLOSE = sceneText("close").replaceAll("rfc9293", "linux").replace("900ms B close\n", "");

for (const hand of MANNERS) {
  test(`by ${hand.name}: the last ACK is lost; without TIME_WAIT HOST2 gets a RST, with it an ACK`, () =>
    onStage(
      async (page, address) => {
        await stands(page, address, { scene: CLOSE });
        await sees(page, (at) => assert.equal(at.title, "HOST1 keeps TIME_WAIT: 60 s"));
        await hand.switchTimeWait(page);
        await sees(page, (at) => assert.equal(at.title, "HOST1 forgets at once"));

        await hand.stepTo(page, "HOST1: FIN_WAIT_1 → FIN_WAIT_2");
        await hand.atHost(page, "HOST2", "shutdown(WR): half-close");
        await seesStory(page, "HOST2's program calls shutdown(WR)");
        await hand.stepTo(page, "HOST1 sends ACK 307.");
        await sees(page, (at) => assert.deepEqual(at.states, ["CLOSED", "LAST_ACK"]));
        await hand.onSegment(page, "ACK 307", "Drop it");
        await page.locator('.chip[aria-label="ACK 307 from HOST1, being lost"]').waitFor();

        await hand.stepTo(page, "HOST1 sends RST");
        await sees(page, (at) => assert.match(at.chips.join(), /RST 107/));
        await hand.step(page);
        await seesStory(page, /RST 107 arrives at HOST2\..*ECONNRESET/);
        await hand.play(page);
        await sees(page, (at) => assert.ok(at.playing));
        await seesVerdict(page, "spurious RST: HOST2's close ends in an error");
        assert.match(await card(page, "HOST2").innerText(), /ECONNRESET/);

        const without = await trace(page);
        const [[lost], [rst]] = [found(without, /^lost A6$/), found(without, /^sent \S+ RST 107 /)];
        assert.ok(lost.micros < rst.micros && rst.host === "HOST1", without.join("\n"));
        assert.equal(found(without, /^error 1 ECONNRESET/)[0].host, "HOST2");

        await hand.switchTimeWait(page);
        await sees(page, (at) => assert.equal(at.title, "HOST1 keeps TIME_WAIT: 60 s"));
        await hand.stepTo(page, "The 2MSL timer at HOST1 starts anew: 60 s.");
        await sees(page, (at) => assert.match(at.chips.join(), /ACK 307/));
        await hand.toEnd(page);
        await seesVerdict(page, "closed in order");
        assert.doesNotMatch(await card(page, "HOST2").innerText(), /ECONNRESET/);

        const kept = await trace(page);
        assert.equal(found(kept, /^lost A6$/).length, 1, "the ACK is lost in this world too");
        assert.equal(found(kept, /\bRST\b/).length, 0, kept.join("\n"));
        assert.equal(found(kept, /^timer 1 time-wait restarted /).length, 1);

        // What was undone is as it was.
        await hand.undo(page);
        await seesVerdict(page, "spurious RST");
      },
      { context: WIDE },
    ));
}

// Two ISS values, so that the second connection's numbers run over those of the first; all that is
// done in it is done by hand.
const STRAY = sceneText("stray-segment").replace(/^(duplicate|700ms|1s|1960ms) .*\n/gm, "");

for (const hand of MANNERS) {
  test(`by ${hand.name}: a copy of the old text falls into the new connection, unless HOST1 waits`, () =>
    onStage(
      async (page, address) => {
        await stands(page, address, { scene: STRAY });
        await sees(page, (at) => assert.equal(at.title, "HOST1 forgets at once"));
        await hand.stepTo(page, 'send("OLD!")');
        await hand.onSegment(page, '"OLD!" 101', "Keep a copy");
        await sees(page, (at) => assert.equal(at.kept.length, 1));
        await hand.stepTo(page, "HOST2: LAST_ACK → CLOSED");
        await seesVerdict(page, "closed in order");

        await hand.atHost(page, "HOST1", "connect(80) from the same port");
        await hand.stepTo(page, "HOST2: SYN_RECEIVED → ESTABLISHED");
        await hand.atHost(page, "HOST1", "send()", { text: "aaaa" });
        await hand.stepTo(page, '"aaaa" 97 arrives at HOST2.');
        await sees(page, (at) => assert.doesNotMatch(at.verdicts.join(), /foreign/));

        await hand.release(page, '"OLD!" 101');
        await sees(page, (at) => assert.ok(at.chips.some((one) => /① "OLD!" 101 copy/.test(one)), at.chips));
        await hand.stepTo(page, '"OLD!" 101 arrives at HOST2.');
        await seesStory(page, 'HOST2 receives "OLD!".');
        await sees(page, (at) => assert.equal(at.verdicts[1], "✕ ② foreign bytes at HOST2"));
        await card(page, "HOST2").getByRole("img", { name: "aaaa, from connection 2" }).waitFor();
        await card(page, "HOST2").getByRole("img", { name: "OLD!, from connection 1" }).waitFor();
        assert.deepEqual(found(await trace(page), /^received .*"OLD!"/).map(({ what }) => what), [
          'received 1 of 1 "OLD!"',
          'received 2 of 1 "OLD!"',
        ]);

        await hand.switchTimeWait(page);
        await sees(page, (at) => assert.equal(at.title, "HOST1 keeps TIME_WAIT: 240 s"));
        await hand.toEnd(page);
        await seesVerdict(page, /closed in order.*HOST1 was refused/);
        await sees(page, (at) => assert.doesNotMatch(at.verdicts.join(), /foreign/));
        assert.match(await card(page, "HOST1").innerText(), /connect\(80\) = EADDR/);
        const kept = await trace(page);
        assert.equal(found(kept, /^injected A3\.2 /).length, 1, "the copy was let go in this world too");
        assert.equal(found(kept, /^received .*"OLD!"/).length, 1, kept.join("\n"));
      },
      { context: WIDE },
    ));
}

test("the scene of the stray segment, with its copy: foreign bytes, and none where HOST1 waits", () =>
  onStage(
    async (page, address) => {
      await page.goto(address);
      await page.getByRole("combobox", { name: "Scenes" }).selectOption({ label: "The stray segment" });
      await sees(page, (at) => assert.ok(at.playing));
      await mouse.toEnd(page);
      await seesVerdict(page, "foreign bytes at HOST2");
      assert.match(await card(page, "HOST2").innerText(), /has read\s+aaaa\s*②\s*OLD!\s*①/);
      await mouse.switchTimeWait(page);
      await mouse.toEnd(page);
      await sees(page, (at) => assert.doesNotMatch(at.verdicts.join(), /foreign/));
      await until(() => trace(page), (lines) => assert.equal(found(lines, /^received 2 /).length, 0));
    },
    { context: WIDE },
  ));
