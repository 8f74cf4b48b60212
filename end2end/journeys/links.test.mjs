// The address is the scene: it holds what was done, the moment, the language and the other world; it
// is copied, opened by somebody else, and explained in place where it can't be read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hashOf, open, sceneText } from "../checks.mjs";
import { addressOf, button, chip, keys, moment, mouse, sceneOf, sees, seesClock, seesVerdict, stands, trace, until } from "../person.mjs";
import { onStage } from "../stage.mjs";

const WIDE = { viewport: { width: 1366, height: 768 }, locale: "en-GB" };
const ACK = sceneText("lost-last-ack");
const lines = (text) => text.split("\n");

const parts = async (page) => Object.fromEntries(new URLSearchParams(new URL(await addressOf(page)).hash.slice(1)));
const holds = (page, wanted) => until(() => parts(page), (now) => assert.deepEqual({ t: now.t, lang: now.lang, w: now.w }, { w: undefined, ...wanted }));
const entries = (page) => page.evaluate(() => history.length);

/** Everything that a link must bring back. */
async function shown(page) {
  const { clock, playing, story, worlds, wire, kept } = await moment(page);
  return { clock, playing, story, worlds, wire, kept, lang: await page.evaluate(() => document.documentElement.lang), scene: await sceneOf(page) };
}

test("the address holds the scene, the moment, the language and the other world, and stays short", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK });
      assert.deepEqual(await sceneOf(page), lines(ACK));
      await holds(page, { t: "0s", lang: "en" });
      await mouse.stepTo(page, 'send("hello")');
      await holds(page, { t: "200ms", lang: "en" });
      await button(page, "Two worlds").click();
      await holds(page, { t: "200ms", lang: "en", w: "A time-wait=60s" });
      await mouse.onSegment(page, "hello", "Drop it");
      await until(() => sceneOf(page), (now) => assert.ok(now.includes("drop A3 ACK 1001"), now));
      await button(page, "中文").click();
      await holds(page, { t: "200ms", lang: "zh", w: "A time-wait=60s" });
      const link = await addressOf(page);
      assert.ok(link.length < 2_000, `${link.length} characters`);
      // A person can read it: names and numbers as they are, blanks as +, lines as ;.
      assert.match(link, /#t=200ms&lang=zh&w=A\+time-wait=60s&s=time-wait-lab\+1;A\+linux\+time-wait=none/);
    },
    { context: WIDE },
  ));

test("a copied link is the address, and shows somebody else the same", () =>
  onStage(
    async (page, address, another) => {
      await stands(page, address, { scene: ACK, more: "w=A+time-wait=60s" });
      await mouse.stepTo(page, "HOST1's program calls shutdown(WR).");
      await mouse.onSegment(page, "FIN,ACK 1006", "Keep a copy", 1);
      await mouse.atHost(page, "HOST2", "send()", { text: "one more; + & # 100%", which: 0 });
      await mouse.step(page);
      await button(page, "Copy link").click();
      await page.getByRole("status").getByText(/^The link is in the clipboard: \d+ characters\.$/).waitFor();
      const link = await page.evaluate(() => navigator.clipboard.readText());
      assert.equal(link, await addressOf(page));
      const mine = await shown(page);
      assert.match(mine.scene.join("\n"), /send .one more; \+ & # 100%/);

      const theirs = await another({ locale: "zh-CN", permissions: [] });
      await theirs.goto(link);
      await until(() => shown(theirs), (now) => assert.deepEqual(now, mine));
      for (const which of [0, 1]) assert.deepEqual(await trace(theirs, which), await trace(page, which));
      assert.equal(await theirs.getByRole("alert").count(), 0);
    },
    { context: { ...WIDE, permissions: ["clipboard-read", "clipboard-write"] } },
  ));

test("where the clipboard is closed, the page says where the link is", () =>
  onStage(
    async (page, address) => {
      await page.addInitScript(() => {
        if (navigator.clipboard) navigator.clipboard.writeText = () => Promise.reject(new DOMException("no", "NotAllowedError"));
      });
      await stands(page, address, { scene: ACK });
      await button(page, "Copy link").click();
      await page.getByText("The address bar holds the same link.").waitFor();
      await button(page, "Close this message").click();
      await until(() => page.locator(".notice").count(), (count) => assert.equal(count, 0));
    },
    { context: WIDE },
  ));

test("a long link is copied with a word about its length", () =>
  onStage(
    async (page, address) => {
      const long = `${ACK.replace(/\nuntil.*/, "")}\n${Array.from({ length: 60 }, (_, at) => `${10 + at}s B send "${"x".repeat(20)}"`).join("\n")}\nuntil 80s`;
      await stands(page, address, { scene: long });
      await button(page, "Copy link").click();
      await page.getByText(/It has \d{4} characters; some programs cut links after 2,000\./).waitFor();
    },
    { context: { ...WIDE, permissions: ["clipboard-read", "clipboard-write"] } },
  ));

test("an act makes an entry in the browser's history; time, the language and the look make none", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "200ms" });
      const before = await entries(page);
      await mouse.step(page);
      await mouse.toEnd(page);
      await mouse.toStart(page);
      await page.locator("main").focus();
      await keys.play(page);
      await sees(page, (at) => assert.ok(parseFloat(at.clock) > 0.2));
      await keys.play(page);
      await button(page, "中文").click();
      await page.getByRole("combobox", { name: "外观" }).selectOption("dark");
      await page.waitForTimeout(700);
      assert.equal(await entries(page), before);
      await button(page, "EN").click();
      await mouse.toStart(page);
      await mouse.stepTo(page, 'send("hello")');
      let count = before;
      for (const act of [
        () => mouse.onSegment(page, "hello", "Drop it"),
        () => mouse.atHost(page, "HOST1", "close()"),
        () => button(page, "Two worlds").click(),
        () => button(page, "One world").click(),
        () => mouse.switchTimeWait(page),
      ]) {
        await act();
        count += 1;
        await until(() => entries(page), (now) => assert.equal(now, count));
      }
      // Undoing takes a step back among them and makes none.
      await mouse.undo(page);
      await until(() => sceneOf(page), (now) => assert.ok(now.some((line) => /time-wait=none/.test(line))));
      assert.equal(await entries(page), count);
    },
    { context: WIDE },
  ));

test("while it plays the address is written at most twice a second, and the last moment is written", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK });
      await page.waitForTimeout(600);
      await page.evaluate(() => {
        window.written = [];
        const replace = history.replaceState;
        history.replaceState = function (...all) {
          window.written.push(performance.now());
          return replace.apply(this, all);
        };
      });
      await keys.play(page);
      await page.waitForTimeout(2_000);
      await keys.play(page);
      const { clock } = await sees(page, (at) => assert.equal(at.playing, false));
      const written = await page.evaluate(() => window.written);
      assert.ok(written.length >= 2 && written.length <= 6, `${written.length} times`);
      for (const [place, at] of written.slice(1).entries()) assert.ok(at - written[place] > 400, written.join(" "));
      const seconds = (t) => (t.endsWith("us") ? 1e-6 : t.endsWith("ms") ? 1e-3 : 1) * parseFloat(t);
      await until(() => parts(page), ({ t }) => assert.ok(Math.abs(seconds(t) - parseFloat(clock)) < 0.002, `${t} for ${clock}`));
    },
    { context: WIDE },
  ));

test("reload keeps everything, and what was done can still be undone", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, more: "w=A+time-wait=60s" });
      await mouse.stepTo(page, 'send("hello")');
      await mouse.onSegment(page, "hello", "Drop it");
      await mouse.onSegment(page, "hello", "Keep a copy");
      await mouse.step(page);
      const { clock } = await moment(page);
      await until(() => parts(page), ({ t }) => assert.equal(`${(parseFloat(t) / 1e3).toFixed(3)} s`, clock));
      const before = await shown(page);
      await page.reload();
      await until(() => shown(page), (now) => assert.deepEqual(now, before));
      await mouse.undo(page);
      await until(() => sceneOf(page), (now) => assert.ok(!now.some((line) => line.startsWith("keep")), now));
      await mouse.undo(page);
      await until(() => sceneOf(page), (now) => assert.deepEqual(now, lines(ACK)));
      await mouse.redo(page);
      await until(() => sceneOf(page), (now) => assert.ok(now.some((line) => line.startsWith("drop A3"))));
    },
    { context: WIDE },
  ));

test("an address that is typed is shown, and going back from it shows what was there", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "950ms" });
      await page.evaluate((hash) => (location.hash = hash), hashOf({ scene: sceneText("close"), t: "600ms", lang: "zh" }));
      await seesClock(page, "0.600 s");
      await sees(page, (at) => assert.match(at.title, /HOST1 保留 TIME_WAIT/));
      await page.goBack();
      await seesClock(page, "0.950 s");
      await until(() => sceneOf(page), (now) => assert.deepEqual(now, lines(ACK)));
      assert.equal(await page.getByRole("alert").count(), 0);
    },
    { context: WIDE },
  ));

// Links that can't be read

const BROKEN = [
  ["a stack that isn't one", "#t=1s&s=time-wait-lab+1;A+nonsense", /could not be read \(line 2, column 3; expected: rfc9293, rfc793, linux.*\), so you see the first scene/, /无法读懂这个链接（第 2 行第 3 列；应为：rfc9293, rfc793, linux.*因此显示第一个场景/],
  ["no link at all", "#what", /could not be read, so you see the first scene/, /无法读懂这个链接，因此显示第一个场景/],
  ["a segment that is none", "#s=time-wait-lab+1;drop+what", /expected: a segment's name such as A3/, /应为：报文段的名称，如 A3/],
];

for (const [name, hash, en, zh] of BROKEN) {
  test(`a broken link gets a message and the first scene: ${name}`, () =>
    onStage(
      async (page, address) => {
        for (const [lang, words] of [["en", en], ["zh", zh]]) {
          await open(page, `${address}${hash}&lang=${lang}`);
          const alert = page.getByRole("alert");
          await until(() => alert.innerText(), (text) => assert.match(text, words));
          assert.equal(await page.getByRole("combobox", { name: /^(Scenes|场景)$/ }).evaluate((list) => list.selectedOptions[0].value), "0");
          await until(() => sceneOf(page), (now) => assert.deepEqual(now, lines(ACK)));
          await page.getByRole("button", { name: /^(Close this message|关闭此消息)$/ }).click();
          await until(() => alert.count(), (count) => assert.equal(count, 0));
        }
      },
      { context: WIDE },
    ));
}

test("of a link that is partly readable the rest is shown, and the lines left out are named", () =>
  onStage(
    async (page, address) => {
      const scene = ACK.replace("200ms A send", "200ms A sned").replace("drop A6", "drop A6 soon");
      const places = lines(scene).flatMap((line, at) => (/sned|soon/.test(line) ? [at + 1] : []));
      await open(page, address + hashOf({ scene, t: "450ms" }));
      await until(() => page.getByRole("alert").innerText(), (text) => assert.match(text, new RegExp(`could not be read in full \\(line ${places[0]}, column \\d+; expected: .*\\)\\. You see the scene without these lines: ${places.join(", ")}\\.`)));
      await seesClock(page, "0.450 s");
      const rest = lines(scene).filter((_, at) => !places.includes(at + 1));
      await until(() => sceneOf(page), (now) => assert.deepEqual(now, rest));
      await sees(page, (at) => assert.equal(at.playing, false));
      // The rest is run: "world" has arrived, "hello" was never sent.
      assert.match(await page.locator("article").first().innerText(), /has read\s+world/);
      assert.doesNotMatch(await page.locator("article").nth(1).innerText(), /has read/);
    },
    { context: WIDE },
  ));

test("another world that can't be read leaves one world, and says so", () =>
  onStage(
    async (page, address) => {
      await open(page, address + hashOf({ scene: ACK, t: "200ms", more: "w=A+time-wait=soon" }));
      await until(() => page.getByRole("alert").innerText(), (text) => assert.match(text, /What differs in the other world could not be read \(column \d+; expected: .*\), so you see one world\./));
      await sees(page, (at) => assert.deepEqual([at.worlds.length, at.clock], [1, "0.200 s"]));
    },
    { context: WIDE },
  ));

test("a link of a later version says that it is one, and shows what can be read", () =>
  onStage(
    async (page, address) => {
      const later = ACK.replace("time-wait-lab 1", "time-wait-lab 2").replace("until", "teleport A3\nuntil");
      await open(page, address + hashOf({ scene: later, t: "225ms", more: "x=of+the+future" }));
      await until(() => page.getByRole("alert").innerText(), (text) => assert.match(text, /made by a later version of the lab \(format 2\)/));
      await seesClock(page, "0.225 s");
      await chip(page, "hello").waitFor();
      await until(() => sceneOf(page), (now) => assert.deepEqual(now, lines(ACK)));
    },
    { context: WIDE },
  ));

test("a link made long ago opens as it did", () =>
  onStage(
    async (page, address) => {
      await open(page, `${address}#t=1300ms&lang=en&s=time-wait-lab+1;A+linux+time-wait=none+window=1000+iss=1000;B+linux+window=1000+iss=3000;wire+A+50ms+B+50ms+lifetime+60s;0s+B+listen+80;10ms+A+connect+80+from+40000;200ms+A+send+%22hello%22;400ms+B+send+%22world%22;600ms+A+shutdown;900ms+B+shutdown;drop+A6;2s+A+close;2s+B+poll;2100ms+B+so-error;until+70s`);
      await seesClock(page, "1.300 s");
      await seesVerdict(page, "spurious RST: HOST2's close ends in an error");
      assert.equal(await page.getByRole("alert").count(), 0);
    },
    { context: WIDE },
  ));
