// What a person does to segments and hosts, at any moment: every act is an act of the network or of a
// program in the scenario, and the engine says what comes of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sceneText } from "../checks.mjs";
import { MANNERS, addressOf, button, card, chip, keys, menu, moment, mouse, sceneOf, sees, seesClock, seesStory, seesVerdict, sheet, stands, trace, until } from "../person.mjs";
import { eventsOf } from "../told.mjs";
import { onStage } from "../stage.mjs";

const WIDE = { viewport: { width: 1366, height: 768 }, locale: "en-GB" };
const ACK = sceneText("lost-last-ack");

/** A connection, and nothing that happens in it. */
const QUIET = [
  "time-wait-lab 1",
  "A linux iss=1000",
  "B linux iss=3000",
  "wire A 50ms B 50ms lifetime 60s",
  "0s B listen 80",
  "10ms A connect 80 from 40000",
  "until 70s",
].join("\n");

const events = async (page) => eventsOf(await trace(page));
const first = (all, begins) => all.find(({ what }) => what.startsWith(begins));

/** Waits until the address holds an act; an act is written there at once. */
const holds = (page, pattern) => until(() => sceneOf(page), (lines) => assert.ok(lines.some((line) => pattern.test(line)), lines.join("\n")));
const holdsNot = (page, pattern) => until(() => sceneOf(page), (lines) => assert.ok(!lines.some((line) => pattern.test(line)), lines.join("\n")));

// Segments

test("a dropped segment is lost, and sent again; let through it arrives after all", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK });
      await mouse.stepTo(page, 'send("hello")');
      await mouse.onSegment(page, '"hello" 1001', "Drop it");
      await chip(page, "hello").and(page.locator('[aria-label="\\"hello\\" 1001 from HOST1, being lost"]')).waitFor();
      await holds(page, /^drop A3 ACK 1001$/);
      const lost = first(await events(page), "lost A3");
      const again = (await events(page)).find(({ what }) => /^sent \S+ by 1 again A3 /.test(what));
      assert.ok(again.micros > lost.micros);
      await mouse.stepTo(page, "timer at HOST1 runs out");
      await seesClock(page, again.at);
      await sees(page, (at) => assert.match(at.chips.join(), /"hello" 1001 again/));
      // Back to where it is being lost: now the menu lets it through.
      for (let at = await moment(page); at.clock !== "0.200 s"; at = await moment(page)) await mouse.back(page);
      await chip(page, "hello").click();
      const lines = () => menu(page).getByRole("button").evaluateAll((all) => all.map((one) => one.firstChild.textContent));
      await until(lines, (all) => assert.deepEqual(all, ["Let it arrive", "Keep a copy", "Forge one like it …"]));
      await menu(page).getByRole("button", { name: "Let it arrive" }).click();
      await holdsNot(page, /^drop A3/);
      await mouse.step(page);
      await seesClock(page, "0.250 s");
      await seesStory(page, '"hello" 1001 arrives at HOST2.');
      assert.equal(first(await events(page), "lost A3"), undefined);
    },
    { context: WIDE },
  ));

test("a delay holds a segment up, a second one more, and what outlives its MSL dies", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: QUIET.replace("lifetime 60s", "lifetime 2s") });
      const arrives = async () => first(await events(page), "arrived A1 ")?.at;
      await mouse.stepTo(page, "connect(80)");
      await mouse.onSegment(page, "SYN 1000", "Delay it by 300 ms");
      await holds(page, /^delay A1 SYN 1000 300ms$/);
      assert.equal(await arrives(), "0.360 s");
      await mouse.onSegment(page, "SYN 1000", "Delay it by 300 ms");
      await holds(page, /^delay A1 SYN 1000 600ms$/);
      assert.equal(await arrives(), "0.660 s");
      // The list beside the ladder has the same menu.
      await page.locator(".in-list", { hasText: "SYN 1000" }).click();
      await menu(page).getByRole("button", { name: "Delay it by 2 s" }).click();
      await holds(page, /^delay A1 SYN 1000 2600ms$/);
      assert.equal(await arrives(), undefined);
      await mouse.stepTo(page, "SYN 1000 outlives its MSL and dies on the way.");
      await seesClock(page, first(await events(page), "died A1").at);
    },
    { context: WIDE },
  ));

test("a copy follows, and a kept copy is let go when a person wants", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK });
      await mouse.stepTo(page, 'send("hello")');
      await mouse.onSegment(page, '"hello" 1001', "Let a copy follow 300 ms later");
      await holds(page, /^duplicate A3 ACK 1001 300ms$/);
      await sees(page, (at) => assert.equal(at.chips.filter((one) => /"hello" 1001 copy/.test(one)).length, 1));
      assert.deepEqual((await events(page)).filter(({ what }) => /^arrived A3\D/.test(what)).map(({ at }) => at), ["0.250 s", "0.550 s"]);
      await mouse.undo(page);
      await holdsNot(page, /^duplicate/);

      await mouse.onSegment(page, '"hello" 1001', "Keep a copy");
      await holds(page, /^keep A3 ACK 1001$/);
      await sees(page, (at) => assert.match(at.kept.join(), /"hello" 1001/));
      for (let steps = 0; steps < 4; steps++) await mouse.step(page);
      const at = (await moment(page)).clock;
      await mouse.release(page, '"hello" 1001');
      await holds(page, / release A3$/);
      await sees(page, (now) => assert.ok(now.chips.some((one) => /copy/.test(one)), now.chips));
      const injected = first(await events(page), "injected A3.2 ");
      assert.ok(injected.micros / 1e6 >= parseFloat(at), `let go at ${injected.at}, seen at ${at}`);
      await mouse.stepTo(page, '"hello" 1001 arrives at HOST2.');
      // It is old: HOST2 answers with an ACK and gives its program nothing twice.
      await seesStory(page, "HOST2 sends ACK 1006.");
      assert.match(await card(page, "HOST2").innerText(), /has read\s+hello(?!hello)/);
      assert.equal((await events(page)).filter(({ what }) => /^received .*"hello"/.test(what)).length, 1);
    },
    { context: WIDE },
  ));

test("each letter of the menu does what its line says, on the segment that has the focus", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "200ms" });
      const press = async (key) => {
        await page.keyboard.press("s");
        await until(() => page.evaluate(() => document.activeElement.className), (name) => assert.match(name, /\bchip\b/));
        await page.keyboard.press(key);
        assert.equal(await page.evaluate(() => document.activeElement.tagName), "MAIN");
      };
      await press("d");
      await holds(page, /^drop A3 /);
      await press("d");
      await holdsNot(page, /^drop A3 /);
      for (const [key, act] of [["l", /^delay A3 ACK 1001 300ms$/], ["L", /^delay A3 ACK 1001 2300ms$/], ["c", /^duplicate A3 /], ["k", /^keep A3 /]]) {
        await press(key);
        await holds(page, act);
      }
      // The menu writes the same letters.
      await chip(page, "hello").first().click();
      await until(() => menu(page).locator("kbd").allTextContents(), (all) => assert.deepEqual(all, ["D", "L", "⇧L", "C", "K", ""]));
      // A letter that is for nothing on a segment is the stage's.
      await page.keyboard.press("Escape");
      await page.keyboard.press("s");
      await page.keyboard.press("t");
      await page.locator(".transcript").waitFor();
    },
    { context: WIDE },
  ));

test("a menu opens beside what it was opened from, within the window, with the focus in it", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK });
      // Steps, so that the segments on the wire are others than at the start.
      await mouse.stepTo(page, "HOST2's program calls shutdown(WR).");
      const openers = [chip(page, "FIN,ACK"), page.locator(".in-list", { hasText: "FIN,ACK" }), ...["HOST1", "HOST2"].map((host) => card(page, host).getByRole("button", { name: `Act on ${host}` }))];
      for (const opener of openers) {
        const name = await opener.getAttribute("aria-label");
        await opener.click();
        await until(() => page.evaluate(() => document.activeElement.closest(".menu") !== null), (within) => assert.ok(within, `the focus isn't in the menu of ${name}`), 5_000);
        assert.equal(await opener.getAttribute("aria-expanded"), "true");
        const [from, box] = await Promise.all([opener.boundingBox(), menu(page).boundingBox()]);
        const apart = Math.max(box.y - (from.y + from.height), from.y - (box.y + box.height), box.x - (from.x + from.width), from.x - (box.x + box.width));
        assert.ok(apart <= 12, `${name}: the menu is ${apart} px away`);
        assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= 1366 && box.y + box.height <= 768, `${name}: ${JSON.stringify(box)}`);
        // The same button closes it, and so does a click beside it.
        await opener.click();
        await until(() => menu(page).count(), (count) => assert.equal(count, 0));
        await opener.click();
        await menu(page).waitFor();
        await page.locator(".verdicts").click();
        await until(() => menu(page).count(), (count) => assert.equal(count, 0));
      }
    },
    { context: WIDE },
  ));

// Forging

const forge = (page) => page.locator("form.forge");
const field = (page, name) => forge(page).getByRole("textbox", { name, exact: true });

test("a forged segment: a form that explains itself, says what is wrong, and sends", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: QUIET, t: "200ms" });
      await card(page, "HOST2").getByRole("button", { name: "Act on HOST2" }).click();
      await menu(page).getByRole("button", { name: "Forge a segment for it …" }).click();
      await sheet(page).getByRole("heading", { name: "Forge a segment for HOST2" }).waitFor();
      assert.equal(await forge(page).getByRole("button", { name: "HOST2" }).getAttribute("aria-pressed"), "true");
      // It begins with what fits: the next text.
      const values = async () => Object.fromEntries(await Promise.all(["Source port", "Destination port", "SEQ", "ACK", "WND", "Text"].map(async (name) => [name, await field(page, name).inputValue()])));
      assert.deepEqual(await values(), { "Source port": "40000", "Destination port": "80", SEQ: "1001", ACK: "3001", WND: "65535", Text: "EVIL" });
      const present = forge(page).locator("#forge-seq-now");
      assert.match(await present.innerText(), /RCV\.NXT 1001/);
      // Every field is explained.
      for (const box of await forge(page).getByRole("textbox").all()) {
        const [why] = (await box.getAttribute("aria-describedby")).split(" ");
        assert.ok((await page.locator(`#${why}`).innerText()).length > 20, why);
      }
      // What is no number is said, where it stands and at the button, and isn't sent.
      const before = await addressOf(page);
      await field(page, "SEQ").fill("soon");
      await forge(page).getByText("Expected: a whole number from 0 to 4294967295.").waitFor();
      assert.equal(await field(page, "SEQ").getAttribute("aria-invalid"), "true");
      await forge(page).getByText("It cannot be sent yet. Please look at: SEQ.").waitFor();
      await button(page, "Put it on the wire").click({ force: true });
      assert.equal(await page.evaluate(() => document.activeElement.id), "forge-seq");
      assert.equal(await addressOf(page), before);
      await field(page, "Text").fill("x".repeat(201));
      await forge(page).getByText("Expected: at most 200 bytes. These are 201.").waitFor();
      await field(page, "Text").fill("EVIL");
      await field(page, "SEQ").fill("1001");
      assert.equal(await field(page, "SEQ").getAttribute("aria-invalid"), "false");

      await field(page, "Text").fill("forged!");
      await forge(page).getByText("It leaves now and arrives at HOST2 at 0.250 s.").waitFor();
      await button(page, "Put it on the wire").click();
      await until(() => sheet(page).count(), (count) => assert.equal(count, 0));
      await sees(page, (at) => assert.match(at.chips.join(), /"forged!" 1001 forged/));
      await mouse.stepTo(page, '"forged!" 1001 arrives at HOST2.');
      await seesClock(page, "0.250 s");
      await seesStory(page, 'HOST2 receives "forged!".');
      await seesVerdict(page, "foreign bytes at HOST2");
      await card(page, "HOST2").getByText("forged!").waitFor();
      assert.ok((await events(page)).some(({ what }) => /^received 1 of 0 "forged!"/.test(what)), (await trace(page)).join("\n"));
    },
    { context: WIDE },
  ));

/** What each beginning of the form sends, and what comes of it at a RFC 9293 host. */
const PRESETS = [
  ["the next text", { SEQ: "1001", flags: ["ACK"] }, /^received 1 of 0 "EVIL"/],
  ["a RST that fits exactly (SEQ = RCV.NXT)", { SEQ: "1001", flags: ["RST"] }, /^state 1 ESTABLISHED to CLOSED/],
  ["a RST in the window", { SEQ: String(1001 + 32767), flags: ["RST"] }, /^sent B\d+ by 1 ACK 3001 ack 1001 /],
  ["a FIN", { SEQ: "1001", flags: ["FIN", "ACK"] }, /^end-of-file 1 of 0/],
  ["a SYN", { SEQ: "1002", flags: ["SYN"] }, /^sent B\d+ by 1 ACK 3001 ack 1001 /],
  ["an old duplicate (one window below)", { SEQ: String(2 ** 32 + 1001 - 65535), flags: ["ACK"] }, /^sent B\d+ by 1 ACK 3001 ack 1001 /],
];

test("each beginning of the form fills it with what it says, and does it", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: QUIET.replaceAll("linux", "rfc9293"), t: "200ms" });
      for (const [name, { SEQ, flags }, comes] of PRESETS) {
        await page.locator("main").focus();
        await page.keyboard.press("f");
        await forge(page).getByRole("button", { name, exact: true }).click();
        await until(() => field(page, "SEQ").inputValue(), (value) => assert.equal(value, SEQ, name));
        const set = [];
        for (const flag of ["SYN", "FIN", "RST", "ACK"]) if (await forge(page).getByRole("checkbox", { name: new RegExp(`^${flag}`) }).isChecked()) set.push(flag);
        assert.deepEqual(set, flags, name);
        await button(page, "Put it on the wire").click();
        await until(() => sheet(page).count(), (count) => assert.equal(count, 0));
        await holds(page, /^200ms forge |^250ms forge /);
        const all = await events(page);
        const forged = all.findIndex(({ what }) => /^arrived >/.test(what));
        const after = all.slice(forged).filter(({ at }) => at === all[forged].at);
        assert.ok(after.some(({ what }) => comes.test(what)), `${name}: ${after.map(({ what }) => what).join("; ")}`);
        await mouse.undo(page);
        await holdsNot(page, / forge /);
      }
    },
    { context: WIDE },
  ));

test("a segment like one in flight is forged for the other host as well", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "200ms" });
      await mouse.onSegment(page, '"hello" 1001', "Forge one like it …");
      await sheet(page).getByRole("heading", { name: "Forge a segment for HOST2" }).waitFor();
      assert.equal(await field(page, "Text").inputValue(), "hello");
      assert.equal(await field(page, "SEQ").inputValue(), "1001");
      await forge(page).getByRole("button", { name: "HOST1", exact: true }).click();
      await sheet(page).getByRole("heading", { name: "Forge a segment for HOST1" }).waitFor();
      await until(() => field(page, "SEQ").inputValue(), (value) => assert.equal(value, "3001"));
      await page.keyboard.press("Escape");
      await until(() => sheet(page).count(), (count) => assert.equal(count, 0));
      await holdsNot(page, /forge/);
    },
    { context: WIDE },
  ));

// Hosts

/** Acts at 0.2 s, each with what is called, what the story says, and what comes of it. */
const ACTS = [
  { host: "HOST1", act: "send()", text: "hi there", call: 'call send "hi there"', story: 'HOST1\'s program calls send("hi there") = 8.', comes: /^received 1 of 1 "hi there"/ },
  { host: "HOST2", act: "send()", text: "answer", call: 'call send "answer"', story: 'HOST2\'s program calls send("answer") = 6.', comes: /^received 1 of 1 "answer"/ },
  { host: "HOST1", act: "shutdown(WR): half-close", call: "call shutdown", story: "HOST1: ESTABLISHED → FIN_WAIT_1", comes: /^state 1 ESTABLISHED to CLOSE-WAIT/ },
  { host: "HOST2", act: "close()", call: "call close", story: "HOST2's program calls close().", comes: /^state 1 FIN-WAIT-1 to FIN-WAIT-2/ },
  { host: "HOST1", act: "SO_LINGER 0, close(): abort", call: "call abort", story: "HOST1 sends RST", comes: /^error 1 ECONNRESET/, verdict: "aborted by HOST1" },
  { host: "HOST2", act: "connect(40000) from a new port", call: "call connect 40000", story: "HOST2 sends SYN", comes: /^sent \S+ RST/ },
  { host: "HOST1", act: "connect(80) from a new port", call: "call connect 80", story: "HOST1 sends SYN", comes: /^state 2 SYN-SENT to ESTABLISHED/ },
  { host: "HOST1", act: "connect(80) from the same port", call: "call connect 80 from 40000", story: "EADDR", comes: /^return fd \d+ failed EADDR/ },
  { host: "HOST1", act: "exit(): the program ends", call: "call exit", story: "HOST1's program calls exit().", comes: /^sent \S+ by 1 FIN,ACK/ },
  { host: "HOST2", act: "crash: the host forgets everything", call: "call reboot", story: "HOST2's program calls reboot.", card: /no record of this connection|no connection/ },
];

test("a program does what it is told, at any moment", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: QUIET, t: "200ms" });
      for (const { host, act, text, call, story, comes, verdict, card: shown } of ACTS) {
        await mouse.atHost(page, host, act, { text });
        await seesStory(page, story);
        await seesClock(page, "0.200 s");
        const all = await events(page);
        const called = all.findIndex((one) => one.what.startsWith(call) && one.host === host && one.at === "0.200 s");
        assert.ok(called >= 0, `${act}: ${await addressOf(page)}`);
        if (comes) assert.ok(all.slice(called).some(({ what }) => comes.test(what)), `${act}: ${all.slice(called).map(({ what }) => what).join("\n")}`);
        if (shown) await until(() => card(page, host).innerText(), (words) => assert.match(words, shown));
        if (verdict) {
          await mouse.toEnd(page);
          await seesVerdict(page, verdict);
        }
        await mouse.undo(page);
        await until(() => trace(page), (lines) => assert.ok(!lines.some((line) => line.includes(call) && line.includes(" 200ms "))));
        await seesClock(page, "0.200 s");
      }
    },
    { context: WIDE },
  ));

test("connect again from the same port, when the first connection is gone", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: QUIET, t: "200ms" });
      await mouse.atHost(page, "HOST1", "SO_LINGER 0, close(): abort");
      await mouse.stepTo(page, "arrives at HOST2");
      await mouse.atHost(page, "HOST1", "connect(80) from the same port");
      await mouse.stepTo(page, /HOST2: SYN_RECEIVED → ESTABLISHED/);
      await sees(page, (at) => assert.equal(at.verdicts.length, 2));
      assert.ok((await events(page)).some(({ what }) => /^opened 2 of 2 from 40000 to 80/.test(what)));
      // And read(), where the program doesn't read by itself.
    },
    { context: WIDE },
  ));

test("a program that doesn't read by itself reads when it is told", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: QUIET.replace("B linux", "B linux reads=off"), t: "200ms" });
      await mouse.atHost(page, "HOST1", "send()", { text: "for you" });
      await mouse.stepTo(page, '"for you" 1001 arrives at HOST2.');
      assert.doesNotMatch(await card(page, "HOST2").innerText(), /has read/);
      await mouse.atHost(page, "HOST2", "read()");
      await seesStory(page, 'HOST2\'s program calls read() = "for you".');
      await card(page, "HOST2").getByText("for you", { exact: true }).waitFor();
    },
    { context: WIDE },
  ));

test("an act that can't be done stays in the menu, says why, and does nothing", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: QUIET, t: "5ms" });
      const before = await addressOf(page);
      const refusedIn = async (host, which) => {
        await card(page, host).getByRole("button", { name: `Act on ${host}` }).click();
        await menu(page).getByRole("button").first().waitFor();
        const refused = await menu(page).locator("[aria-disabled=true]").evaluateAll((all) => all.map((one) => [...one.children].map(({ textContent }) => textContent)));
        if (which) await menu(page).getByRole("button", { name: which }).click({ force: true });
        return refused;
      };
      const at1 = await refusedIn("HOST1", /^close\(\)/);
      const options = [/^SO_KEEPALIVE 10s, 5s, 3×/, /^TCP_USER_TIMEOUT 5s/, /^TCP_LINGER2 5s/];
      const names = at1.map(([name]) => name);
      assert.deepEqual(names.slice(0, -3), ["read()", "shutdown(WR): half-close", "close()", "SO_LINGER 0, close(): abort"]);
      names.slice(-3).forEach((name, at) => assert.match(name, options[at]));
      for (const [name, why] of at1) assert.match(why, /^(EBADF|ENOTCONN|EINVAL): .{10}/, name);
      assert.equal(new URL(await addressOf(page)).hash, new URL(before).hash);
      await menu(page).waitFor();
      await page.keyboard.press("Escape");
      await until(() => menu(page).count(), (count) => assert.equal(count, 0));
      // HOST2 listens: what it could do is another matter.
      const at2 = await refusedIn("HOST2");
      assert.ok(at2.length > 0 && at2.every(([, why]) => /^(EBADF|ENOTCONN|EINVAL): /.test(why)), JSON.stringify(at2));
      await page.keyboard.press("Escape");
      // What TCP itself refuses may be seen.
      await mouse.atHost(page, "HOST1", "send()");
      await seesStory(page, 'HOST1\'s program calls send("data") = EPIPE.');
      await mouse.undo(page);
      // When there is a connection, nothing is refused.
      await page.locator("main").focus();
      await mouse.stepTo(page, "HOST2: SYN_RECEIVED → ESTABLISHED");
      assert.deepEqual(await refusedIn("HOST1"), []);
    },
    { context: WIDE },
  ));

// What was done

test("undo, redo and reset; the browser's back and forward do the same", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: QUIET, t: "200ms" });
      const disabled = async () => Promise.all(["Undo the last change", "Do it again", "Back to how the scene was opened"].map((name) => button(page, name).getAttribute("aria-disabled")));
      assert.deepEqual(await disabled(), ["true", "true", "true"]);
      const scenes = [await sceneOf(page)];
      for (const text of ["one", "two", "three"]) {
        await mouse.atHost(page, "HOST1", "send()", { text });
        await holds(page, new RegExp(`send "${text}"`));
        scenes.push(await sceneOf(page));
      }
      assert.deepEqual(await disabled(), ["false", "true", "false"]);
      const is = (number) => until(() => sceneOf(page), (lines) => assert.deepEqual(lines, scenes[number], `not change ${number}`));
      const ways = [
        [() => mouse.undo(page), () => mouse.redo(page)],
        [() => keys.undo(page), () => keys.redo(page)],
        [() => page.keyboard.press("ControlOrMeta+z"), () => page.keyboard.press("ControlOrMeta+Shift+z")],
        [() => page.keyboard.press("ControlOrMeta+z"), () => page.keyboard.press("ControlOrMeta+y")],
        [() => page.goBack(), () => page.goForward()],
      ];
      for (const [back, forward] of ways) {
        await page.locator("main").focus();
        await back();
        await is(2);
        await back();
        await is(1);
        assert.deepEqual(await disabled(), ["false", "false", "false"]);
        assert.match(await card(page, "HOST1").innerText(), /send\("one"\)/);
        assert.doesNotMatch(await card(page, "HOST1").innerText(), /send\("two"\)/);
        await forward();
        await is(2);
        await forward();
        await is(3);
        assert.deepEqual(await disabled(), ["false", "true", "false"]);
      }
      await button(page, "Back to how the scene was opened").click();
      await is(0);
      await until(disabled, (all) => assert.deepEqual(all, ["false", "true", "true"]));
      // That was a change like any other.
      await mouse.undo(page);
      await is(3);
    },
    { context: WIDE },
  ));

test("an act in the past changes what comes, and the old future is one undo away", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK });
      await mouse.toEnd(page);
      await seesVerdict(page, "spurious RST");
      const old = await trace(page);
      await mouse.toStart(page);
      await mouse.stepTo(page, "HOST1's program calls shutdown(WR).");
      const { clock } = await moment(page);
      await mouse.onSegment(page, "FIN,ACK 1006", "Drop it");
      await holds(page, /^drop A5 FIN,ACK 1006$/);
      await seesClock(page, clock);
      const changed = await trace(page);
      const upTo = (lines) => eventsOf(lines).filter(({ micros }) => micros / 1e6 < parseFloat(clock)).map(({ what }) => what);
      assert.deepEqual(upTo(changed), upTo(old), "the past has changed");
      assert.notDeepEqual(eventsOf(changed), eventsOf(old));
      assert.ok(eventsOf(changed).some(({ what }) => what.startsWith("sent A6 by 1 again A5 ")));
      // "drop A6" was for the last ACK, which is another segment now: it has found the FIN, or nothing.
      await mouse.undo(page);
      await until(() => trace(page), (lines) => assert.deepEqual(lines, old));
      await mouse.toEnd(page);
      await seesVerdict(page, "spurious RST");
      await mouse.redo(page);
      await until(() => trace(page), (lines) => assert.deepEqual(lines, changed));
    },
    { context: WIDE },
  ));

test("an act whose segment isn't there any more is counted, not swallowed", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "200ms" });
      await mouse.onSegment(page, '"hello" 1001', "Delay it by 300 ms");
      await holds(page, /^delay A3 /);
      await mouse.toStart(page);
      await mouse.stepTo(page, "HOST1 sends SYN 1000.");
      await mouse.onSegment(page, "SYN 1000", "Drop it");
      await holds(page, /^drop A1 /);
      const missed = (await events(page)).filter(({ kind }) => kind === "no-counterpart").length;
      const words = page.locator(".missed");
      if (missed > 0) await until(() => words.innerText(), (text) => assert.match(text, new RegExp(`^${missed} of the acts`)));
      else assert.equal(await words.innerText(), "");
      assert.ok(missed > 0, (await trace(page)).join("\n"));
    },
    { context: WIDE },
  ));

// The line

const LINE = QUIET.replace("until", "1500ms A close\n9s B close\nuntil");

for (const hand of MANNERS) {
  test(`the line is dead for a while, in both directions or one, and lives again when it's undone: ${hand.name}`, () =>
    onStage(
      async (page, address) => {
        await stands(page, address, { scene: LINE, t: "1s" });
        await page.locator("main").focus();
        await hand.cutLine(page, "5 s");
        await holds(page, /^drop every A from 1s to 6s$/);
        await holds(page, /^drop every B from 1s to 6s$/);
        await seesClock(page, "1.000 s");
        const told = page.locator(".dead");
        await until(() => told.innerText(), (text) => assert.match(text, /^The line is dead until 6\.000 s: whatever is sent is lost\.$/));
        const names = (all) => all.filter(({ what }) => what.startsWith("lost ")).map(({ micros }) => micros / 1e6);
        const losses = names(await events(page));
        assert.ok(losses.length > 1 && losses.every((at) => at >= 1 && at < 6), losses.join());
        const arrived = (await events(page)).find(({ what }) => /^arrived A\d+ FIN/.test(what));
        assert.ok(arrived.micros > 6e6, arrived.at);

        // The picture has the dead stretch, and what is lost in it says why.
        await until(() => page.locator(".dead-line text").first().textContent(), (text) => assert.equal(text, "line dead, 5 s"));
        await hand.stepTo(page, /FIN,ACK 1001\S* is lost: the line from HOST1 is dead until 6\.000 s\./);
        await seesClock(page, "1.500 s");
        await hand.toEnd(page);
        await until(() => told.innerText(), (text) => assert.equal(text, ""));
        await seesVerdict(page, "closed in order");

        await hand.undo(page);
        await holdsNot(page, /^drop every/);
        assert.equal(await page.locator(".dead-line").count(), 0);
        assert.equal(first(await events(page), "lost"), undefined);

        // From one host only.
        await hand.toStart(page);
        await hand.cutLine(page, "10 s", "From HOST2 only");
        await holds(page, /^drop every B from 1ms to 10001ms$/);
        await holdsNot(page, /^drop every A/);
        await until(() => told.innerText(), (text) => assert.equal(text, "The line is dead until 10.001 s: whatever HOST2 sends is lost."));
      },
      { context: WIDE },
    ));
}

test("what is lost with all of its kind is let through as well, or the menu says why it can't be", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: sceneText("give-up") });
      await mouse.stepTo(page, "HOST1 sends FIN");
      await chip(page, "FIN").click();
      const choice = menu(page).getByRole("button", { name: /^Let it arrive/ });
      if ((await choice.getAttribute("aria-disabled")) === "true") {
        assert.match(await choice.innerText(), /^Let it arrive\s+\S.{10}/);
        return;
      }
      await choice.click();
      await until(() => events(page), (all) => assert.ok(first(all, "arrived A1 FIN"), "it is lost as before, and nobody says why"), 3_000);
    },
    { context: WIDE },
  ));
