// The lessons: every one from its first beat to its last in both languages, each prediction wrong and
// right, the puzzles, leaving and coming back, a clicker, a class, one page to read or print. What a
// lesson says comes from its file; what a question's answer is, from the engine's trace.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { axe, faintTexts } from "../axe.mjs";
import { hashOf, overflows, sceneText } from "../checks.mjs";
import { addressOf, button, focused, moment, mouse, sees, seesClock, sheet, trace, until } from "../person.mjs";
import { eventsOf } from "../told.mjs";
import { onStage } from "../stage.mjs";

const DIST = fileURLToPath(new URL("../../dist", import.meta.url));
const WIDE = { viewport: { width: 1366, height: 768 }, locale: "en-GB", reducedMotion: "reduce" };
const WORDS = {
  en: { lessons: "Lessons", right: /^Right: /, wrong: /^Not / },
  zh: { lessons: "课程", right: /^对：/, wrong: /^不是/ },
};

const files = readdirSync(DIST);
const read = (start) => JSON.parse(readFileSync(`${DIST}/${files.find((name) => name.startsWith(start))}`, "utf8"));
const LIST = read("lessons-");
const lessonOf = ({ file }) => read(file).lesson;

const place = (page) => page.locator(".lesson");
const next = (page) => page.locator(".lesson [data-next]");
const answers = (page) => page.locator(".lesson button.answer");
const came = (page) => page.locator(".lesson .came");
const count = (page) => place(page).locator(".count").innerText();
const plain = (text) => text.replaceAll(/\s+/g, " ").trim();

/** On to another stop: a press while the stage still plays shows its end at once. */
async function goOn(page) {
  const before = await count(page);
  for (let presses = 0; (await count(page)) === before; presses++) {
    assert.ok(presses < 4, `${before} is not left`);
    await next(page).click();
    await page.waitForTimeout(30);
  }
}

/** Opens a lesson from the list. */
async function begin(page, name, lang = "en") {
  await page.getByRole("button", { name: WORDS[lang].lessons, exact: true }).click();
  await sheet(page).locator(`[data-lesson="${name}"] .choices button:not(.quiet)`).last().click();
  await place(page).locator(".lesson-body").waitFor();
  await until(() => sheet(page).count(), (open) => assert.equal(open, 0));
}

/** The stops of a lesson's file, as the page counts them. */
function stopsOf(lesson) {
  const beats = lesson.part.flatMap((part) =>
    part.beat.flatMap((beat) => [...(beat.question ? [{ ask: beat.question, beat, part }] : []), { tell: beat, part }]),
  );
  return [...beats, ...lesson.puzzle.map((puzzle) => ({ puzzle })), { end: true }];
}

/** What the trace says that a host sends at a moment, as the lessons name it. */
function sentAt(lines, host, at) {
  const kinds = ["ACK", "data", "FIN", "SYN", "SYN,ACK", "RST"];
  const kind = ({ what }) => {
    const [, flags] = /^sent \S+ (?:by \d+ )?(?:again \S+ )?(\S+) /.exec(what);
    const has = (flag) => flags.split(",").includes(flag);
    if (has("RST")) return "RST";
    if (has("SYN")) return has("ACK") ? "SYN,ACK" : "SYN";
    if (has("FIN")) return "FIN";
    return / data "/.test(what) ? "data" : "ACK";
  };
  const sent = eventsOf(lines).filter((one) => one.kind === "sent" && one.host === host && one.at === at).map(kind);
  return sent.sort((a, b) => kinds.indexOf(a) - kinds.indexOf(b)).at(-1) ?? "nothing";
}

/** Takes every choice: one of them is right, and of each other one it's said why it is tempting. */
async function predicts(page, { ask, beat }, lang) {
  assert.equal(plain(await place(page).locator(".ask").innerText()), plain(ask.ask[lang]));
  const said = await answers(page).allInnerTexts();
  assert.ok(said.length >= 2 && said.length <= 5, said.join(" | "));
  const rights = [];
  for (const [at, words] of said.entries()) {
    await answers(page).nth(at).click();
    const heard = await until(() => came(page).innerText(), (text) => assert.ok(text.includes(words), text));
    if (WORDS[lang].right.test(heard)) rights.push(words);
    else {
      assert.match(heard, WORDS[lang].wrong);
      const why = Object.values(ask.tempting).map((one) => plain(one[lang]));
      assert.ok(why.some((one) => plain(heard).endsWith(one)), `${beat.at}: no reason for ${words}: ${heard}`);
    }
  }
  assert.equal(rights.length, 1, `${beat.at}: right are ${rights}`);
  return rights[0];
}

for (const listed of LIST) {
  for (const lang of ["en", "zh"]) {
    test(`${listed.name} from first to last, ${lang}`, () =>
      onStage(
        async (page, address) => {
          const lesson = lessonOf(listed);
          const stops = stopsOf(lesson);
          await page.goto(address);
          await begin(page, listed.name, lang);
          for (const [at, stop] of stops.entries()) {
            if (at > 0) await goOn(page);
            assert.equal(await count(page), `${at + 1} / ${stops.length}`);
            assert.equal(plain(await place(page).locator("h2").innerText()), plain(lesson.title[lang]));
            if (stop.ask) {
              const right = await predicts(page, stop, lang);
              const [, other, host] = /^(other )?([AB]) sends$/.exec(stop.ask.about) ?? [];
              await goOn(page);
              // The moment of the beat is the end of the way there.
              await next(page).waitFor();
              if (host && lang === "en") {
                await settles(page);
                const { clock } = await moment(page);
                assert.equal(right, sentAt(await trace(page, other ? 1 : 0), `HOST${host === "A" ? 1 : 2}`, clock));
              }
              await page.locator(".lesson nav button").first().click();
              await until(() => count(page), (now) => assert.equal(now, `${at + 1} / ${stops.length}`));
            }
            if (stop.tell) {
              assert.equal(plain(await place(page).locator(".beat").innerText()), plain(stop.tell.text[lang]));
              const cites = await place(page).locator(".cites a").allInnerTexts();
              assert.deepEqual(cites, stop.tell.cites.filter((cite) => cite.startsWith("RFC")));
              assert.equal(await place(page).locator(".note").count(), 0, "its moment is in the run");
              if (stop.part.recorded) await place(page).locator(".sources .link").waitFor();
            }
            if (stop.puzzle) {
              assert.equal(plain(await place(page).locator(".ask").innerText()), plain(stop.puzzle.ask[lang]));
              assert.equal(await place(page).locator(".verdict.open").count(), 1, "it isn't solved by doing nothing");
            }
            if (at % 3 === 0) assert.deepEqual(await overflows(page), []);
          }
          assert.equal(await next(page).getAttribute("aria-disabled"), "true");
        },
        { context: { ...WIDE, locale: lang === "en" ? "en-GB" : "zh-CN" } },
      ));
  }
}

/** Lets the stage play to the stop, at once. */
async function settles(page) {
  const at = await moment(page);
  if (at.playing) await next(page).click();
  await sees(page, ({ playing }) => assert.equal(playing, false));
}

test("the page opens on the disaster, moving, with a sentence and a way to ask why", () =>
  onStage(
    async (page, address) => {
      await page.goto(address);
      const intro = page.locator(".intro");
      await intro.waitFor();
      assert.match(await intro.innerText(), /keeps no TIME_WAIT.*Why\?/s);
      const first = await moment(page);
      await sees(page, ({ clock }) => assert.notEqual(clock, first.clock));
      await intro.getByRole("button", { name: "Why?" }).click();
      await place(page).locator("h2", { hasText: "The lost last ACK" }).waitFor();
      assert.equal(await intro.count(), 0);
      // It plays to the first beat and stops there, by itself.
      await sees(page, ({ clock, playing }) => assert.deepEqual([clock, playing], ["0.950 s", false]));
    },
    { context: { ...WIDE, reducedMotion: "no-preference" } },
  ));

test("a clicker goes through a lesson, and the stage's keys stay the stage's", () =>
  onStage(
    async (page, address) => {
      await page.goto(address);
      await begin(page, "lost-last-ack");
      await until(() => focused(page), (name) => assert.equal(name, "Lesson"));
      const press = async (key, stop) => {
        for (let presses = 0; (await count(page)) !== `${stop} / 11`; presses++) {
          assert.ok(presses < 3, `${key} doesn't lead to ${stop}, but to ${await count(page)}`);
          await page.keyboard.press(key);
          await page.waitForTimeout(50);
        }
      };
      await press("PageDown", 2);
      // Digits choose.
      await page.keyboard.press("3");
      await until(() => came(page).innerText(), (text) => assert.match(text, /^Right: FIN/));
      await press("Space", 3);
      await press("ArrowRight", 4);
      await press("PageUp", 3);
      await press("ArrowLeft", 2);
      await page.locator("main").focus();
      const before = await moment(page);
      await page.keyboard.press("ArrowRight");
      await sees(page, ({ clock }) => assert.notEqual(clock, before.clock));
      assert.equal(await count(page), "2 / 11");
    },
    { context: WIDE },
  ));

test("the answer follows the scene that the learner has changed", () =>
  onStage(
    async (page, address) => {
      await page.goto(`${address}#lang=en&lesson=lost-last-ack.5`);
      await place(page).locator(".ask", { hasText: "What will HOST1 send?" }).waitFor();
      await settles(page);
      await answers(page).filter({ hasText: /^RST$/ }).click();
      await until(() => came(page).innerText(), (text) => assert.match(text, /^Right: RST/));
      // The rule of the first world: HOST1 keeps TIME_WAIT after all.
      await button(page, "One world").click();
      await page.getByRole("switch", { name: /TIME_WAIT at HOST1/ }).click();
      await place(page).locator(".note", { hasText: "You have changed the scene" }).waitFor();
      await answers(page).filter({ hasText: /^RST$/ }).click();
      await until(() => came(page).innerText(), (text) => assert.match(text, /^Not RST/));
      await answers(page).filter({ hasText: /^ACK$/ }).click();
      await until(() => came(page).innerText(), (text) => assert.match(text, /^Right: ACK/));
      await place(page).getByRole("button", { name: "Back to the lesson's scene" }).click();
      await until(() => place(page).locator(".note").count(), (notes) => assert.equal(notes, 0));
      await answers(page).filter({ hasText: /^RST$/ }).click();
      await until(() => came(page).innerText(), (text) => assert.match(text, /^Right: RST/));
    },
    { context: WIDE },
  ));

test("in a class answers are hidden until they are shown, and the browser remembers that", () =>
  onStage(
    async (page, address) => {
      const link = `${address}#lang=en&lesson=lost-last-ack.1`;
      await page.goto(link);
      await answers(page).first().waitFor();
      await page.getByRole("switch", { name: "Hide answers until shown" }).click();
      await answers(page).filter({ hasText: /^nothing$/ }).click();
      await until(() => came(page).innerText(), (text) => assert.equal(text, "Chosen: nothing."));
      assert.equal(await place(page).locator(".answer.wrong, .answer.right").count(), 0);
      await button(page, "Show the answer").click();
      await until(() => came(page).innerText(), (text) => assert.match(text, /^Not nothing\..*The answer: FIN\..*RST: /s));
      assert.deepEqual(await place(page).locator(".answer.right").allInnerTexts(), ["FIN"]);
      await page.reload();
      await answers(page).first().waitFor();
      assert.equal(await page.getByRole("switch", { name: "Hide answers until shown" }).getAttribute("aria-checked"), "true");
      // A clicker shows the answer first, and then goes on.
      await place(page).focus();
      await page.keyboard.press("PageDown");
      await until(() => came(page).innerText(), (text) => assert.match(text, /^The answer: FIN\./));
      assert.equal(await count(page), "2 / 11");
      await goOn(page);
      await place(page).locator(".beat").waitFor();
    },
    { context: WIDE },
  ));

test("a lesson is left with the scene as it stands, come back to, and gone on with another day", () =>
  onStage(
    async (page, address) => {
      await page.goto(address);
      await begin(page, "lost-last-ack");
      for (let stops = 0; stops < 3; stops++) await goOn(page);
      await settles(page);
      const left = await moment(page);
      await button(page, "Leave for the lab").click();
      await until(() => place(page).isVisible(), (seen) => assert.equal(seen, false));
      assert.deepEqual((await moment(page)).clock, left.clock);
      await until(() => addressOf(page), (link) => assert.ok(!link.includes("lesson="), "the link is the free lab's"));
      // The lab is whole.
      await mouse.toStart(page);
      await mouse.stepTo(page, "SYN 1000 arrives");
      await button(page, "Back to the lesson").click();
      await until(() => count(page), (now) => assert.equal(now, "4 / 11"));
      await sees(page, ({ clock }) => assert.equal(clock, left.clock));
      // Another day.
      await page.goto("about:blank");
      await page.goto(address);
      await page.getByRole("button", { name: "Lessons", exact: true }).click();
      const row = sheet(page).locator('[data-lesson="lost-last-ack"]');
      await row.getByText("Step 4 of 11").waitFor();
      await row.getByRole("button", { name: "Go on" }).click();
      await until(() => count(page), (now) => assert.equal(now, "4 / 11"));
    },
    { context: WIDE },
  ));

test("a link into a lesson opens it there for somebody else, and one to no lesson says so", () =>
  onStage(
    async (page, address, another) => {
      await page.goto(address);
      await begin(page, "stray-segment");
      for (let stops = 0; stops < 4; stops++) await goOn(page);
      await settles(page);
      // The address follows the moment at most twice a second.
      await page.waitForTimeout(700);
      const link = await until(() => addressOf(page), (now) => assert.match(now, /lesson=stray-segment\.4/));
      const theirs = await another();
      await theirs.goto(link);
      await until(() => count(theirs), async (now) => assert.equal(now, await count(page)));
      assert.deepEqual(plain(await place(theirs).innerText()), plain(await place(page).innerText()));
      assert.equal((await moment(theirs)).clock, (await moment(page)).clock);
      const lost = await another();
      await lost.goto(`${address}#lang=en&lesson=no-such-one.2`);
      await place(lost).getByText("The lesson could not be fetched").waitFor();
      await button(lost, "Leave for the lab").click();
      await sees(lost, ({ worlds }) => assert.equal(worlds.length, 1));
    },
    { context: WIDE },
  ));

test("a puzzle is solved by hand, with hints, and the device remembers it", () =>
  onStage(
    async (page, address) => {
      await page.goto(`${address}#lang=en&lesson=lost-last-ack.9`);
      await place(page).getByText("With exactly one act of the network").waitFor();
      await place(page).getByRole("button", { name: "Hint (0 of 2)" }).click();
      await place(page).getByRole("button", { name: "Hint (1 of 2)" }).click();
      assert.equal(await came(page).locator("p").count(), 2);
      await place(page).getByText("Not solved yet").waitFor();
      // A wrong act isn't the solution.
      await mouse.stepTo(page, 'calls send("hello")');
      await mouse.onSegment(page, "hello", "Drop it");
      await place(page).getByText("Not solved yet").waitFor();
      await place(page).getByRole("button", { name: "Start over" }).click();
      await mouse.toStart(page);
      await mouse.stepTo(page, "FIN,ACK 3006/1007 arrives at HOST1");
      await mouse.onSegment(page, "ACK 3007", "Drop it");
      await place(page).getByText("Solved").waitFor();
      assert.ok(eventsOf(await trace(page)).some(({ host, what }) => host === "HOST2" && /^arrived \S+ RST/.test(what)));
      await page.getByRole("button", { name: "Lessons", exact: true }).click();
      await sheet(page).getByText("puzzles solved: 1").waitFor();
    },
    { context: WIDE },
  ));

test("a recording stands beside the scene, and 'the same' is said only while it is", () =>
  onStage(
    async (page, address) => {
      await page.goto(`${address}#lang=en&lesson=lost-last-ack.2`);
      const known = place(page).locator(".sources .link");
      await known.filter({ hasText: "Recorded on Linux 6.18: the same" }).click();
      const tables = sheet(page).locator("table");
      const rows = (at) => tables.nth(at).locator("tbody tr td:last-child").allInnerTexts();
      assert.deepEqual((await rows(0)).toSorted(), (await rows(1)).toSorted());
      assert.ok((await rows(0)).some((row) => /FIN,ACK/.test(row)));
      await page.keyboard.press("Escape");
      await settles(page);
      await page.getByRole("switch", { name: /TIME_WAIT at HOST1/ }).click();
      await known.filter({ hasText: "your scene differs" }).waitFor();
    },
    { context: WIDE },
  ));

for (const lang of ["en", "zh"]) {
  test(`a lesson is one page to read and to print, ${lang}`, () =>
    onStage(
      async (page, address) => {
        const listed = LIST.find(({ name }) => name === "stray-segment");
        const lesson = lessonOf(listed);
        await page.goto(address);
        await page.getByRole("button", { name: WORDS[lang].lessons, exact: true }).click();
        await sheet(page).locator('[data-lesson="stray-segment"] .quiet').click();
        const whole = sheet(page).locator(".lesson-page");
        await whole.waitFor();
        const text = plain(await whole.innerText());
        for (const part of lesson.part) {
          assert.ok(text.includes(plain(part.title[lang])));
          for (const beat of part.beat) {
            assert.ok(text.includes(plain(beat.text[lang])), beat.text[lang]);
            if (beat.question) assert.ok(text.includes(plain(beat.question.ask[lang])));
          }
        }
        // A picture of each run: as many as there are worlds.
        const worlds = lesson.part.map(({ other }) => (other ? 2 : 1));
        assert.equal(await whole.locator(".still svg.drawing").count(), worlds.reduce((a, b) => a + b));
        assert.deepEqual(await overflows(page), []);
        await page.emulateMedia({ media: "print" });
        assert.equal(await page.locator("main .card").first().isVisible(), false, "the stage isn't printed");
        assert.equal(await whole.isVisible(), true);
        const [page1, ...more] = await pagesOf(page);
        assert.ok(page1 && more.length >= 1, "it goes over several pages of paper");
      },
      { context: { ...WIDE, locale: lang === "en" ? "en-GB" : "zh-CN" } },
    ));
}

/** The sheets of paper that the page is printed on. */
async function pagesOf(page) {
  const pdf = await page.pdf({ format: "A4" });
  return pdf.toString("latin1").match(/\/Type\s*\/Page[^s]/g) ?? [];
}

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing in a lesson, its list, its page and its recording: ${colorScheme}`, () =>
    onStage(
      async (page, address) => {
        const found = [];
        const look = async (where) => {
          const { wcag, practice } = await axe(page);
          const lines = [...wcag, ...practice, ...(await faintTexts(page))];
          found.push(...lines.map((line) => `${where}: ${line}`));
        };
        await page.goto(`${address}#lang=en&lesson=lost-last-ack.1`);
        await answers(page).first().waitFor();
        await answers(page).first().click();
        await look("a question");
        await goOn(page);
        await look("a beat");
        await place(page).locator(".sources .link").click();
        await look("a recording");
        await page.keyboard.press("Escape");
        await page.getByRole("button", { name: "Lessons", exact: true }).click();
        await sheet(page).locator("[data-lesson]").first().waitFor();
        await look("the list");
        await sheet(page).locator('[data-lesson="close"] .quiet').click();
        await sheet(page).locator(".lesson-page").waitFor();
        await look("a page");
        await page.keyboard.press("Escape");
        await page.goto("about:blank");
        await page.goto(`${address}#lang=en&lesson=lost-last-ack.9`);
        await place(page).getByText("Not solved yet").waitFor();
        await look("a puzzle");
        assert.deepEqual(found, []);
      },
      { context: { ...WIDE, colorScheme } },
    ));
}

test("on a phone a lesson leaves room for the wire, and everything in it is in reach", () =>
  onStage(
    async (page, address) => {
      await page.goto(`${address}#lang=en&lesson=lost-last-ack.1`);
      await answers(page).first().waitFor();
      assert.deepEqual(await overflows(page), []);
      const box = await page.locator(".ladder").first().boundingBox();
      assert.ok(box.y < 640, `the wire begins at ${box.y}`);
      await answers(page).filter({ hasText: /^FIN$/ }).tap();
      await until(() => came(page).innerText(), (text) => assert.match(text, /^Right/));
      await next(page).tap();
      await place(page).locator(".beat").waitFor();
      assert.deepEqual(await overflows(page), []);
    },
    { context: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, locale: "en-GB", reducedMotion: "reduce" } },
  ));

test("a scene of its own stays in the list of scenes", () =>
  onStage(
    async (page, address) => {
      await page.goto(address + hashOf({ scene: sceneText("close") }));
      await seesClock(page, "0.000 s");
      assert.equal(await page.locator(".intro").count(), 0, "a link is no first visit");
    },
    { context: WIDE },
  ));
