// Access, as far as a machine can tell: axe finds nothing on any screen in either look, the labels
// that axe doesn't measure have contrast too, and nothing is lost at 200 %, at 320 px, and with more
// space between the letters (WCAG 2.2 A and AA).
//
// A new screen is a line in SCREENS.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe, faintTexts } from "../axe.mjs";
import { PART, hashOf, open, outOfReach, overflows, restyle, sceneText, standAtStart } from "../checks.mjs";
import { onStage } from "../stage.mjs";

const ACK = sceneText("lost-last-ack");
const WAIT = sceneText("lost-last-ack-time-wait");
const STRAY = sceneText("stray-segment");

/** `address` is a function of the language; `act` brings the page to what is to be seen. */
const SCREENS = [
  { name: "the start", address: (lang) => hashOf({ scene: ACK, lang }) },
  { name: "a segment in flight", address: (lang) => hashOf({ scene: ACK, t: "225ms", lang }) },
  { name: "the menu of a segment", address: (lang) => hashOf({ scene: ACK, t: "225ms", lang }), act: openMenu },
  { name: "in TIME_WAIT", address: (lang) => hashOf({ scene: WAIT, t: "1200ms", lang }) },
  { name: "the disaster", address: (lang) => hashOf({ scene: ACK, t: "60s", lang }), act: toEnd },
  { name: "a stray segment in flight", address: (lang) => hashOf({ scene: STRAY, t: "1990ms", lang }) },
  { name: "foreign octets", address: (lang) => hashOf({ scene: STRAY, lang }), act: toEnd },
  { name: "a segment that is being lost", address: (lang) => hashOf({ scene: ACK, lang }), act: toLoss },
  { name: "the menu of a later segment", address: (lang) => hashOf({ scene: STRAY, t: "1020ms", lang }), act: openSecond },
  { name: "a lost segment of connection 2", address: (lang) => hashOf({ scene: STRAY, t: "1020ms", lang }), act: dropSecond },
  { name: "a link that can't be read", address: (lang) => `#t=1s&lang=${lang}&s=time-wait-lab+1;A+nonsense`, act: standAtStart },
];

async function openMenu(page) {
  await page.locator(PART.chip).first().click();
  await page.locator(PART.above).first().waitFor();
}

async function toEnd(page) {
  await page.locator(PART.stage).first().focus();
  await page.keyboard.press("End");
}

async function toLoss(page) {
  await standAtStart(page);
  for (let steps = 0; steps < 40 && (await page.locator(`${PART.chip}.lost`).count()) === 0; steps++) {
    await page.keyboard.press("ArrowRight");
  }
  await page.locator(`${PART.chip}.lost`).first().waitFor();
}

// By keys: what a pointer can't reach is a finding, not the end of the journey.
async function openSecond(page) {
  await page.locator(`${PART.chip}.two`).first().press("Enter");
  await page.locator(PART.above).first().waitFor();
}

async function dropSecond(page) {
  await openSecond(page);
  await page.locator(PART.above).first().getByRole("button").or(page.getByRole("menuitem")).first().press("Enter");
  await page.locator(`${PART.chip}.two.lost`).first().waitFor();
}

/** Every screen, one after the other. */
async function eachScreen(page, address, lang, look) {
  for (const { name, address: hash, act } of SCREENS) {
    await open(page, address + hash(lang));
    await act?.(page);
    await page.waitForTimeout(50);
    await look(name);
  }
}

const LOCALES = { en: "en-GB", zh: "zh-CN" };
const SIZES = [
  { width: 1366, height: 768 },
  { width: 360, height: 740 },
];

/** The findings, each once, with the screens that it is on. */
function summary(findings) {
  const screens = new Map();
  for (const [screen, lines] of findings) {
    for (const line of lines) screens.set(line, [...(screens.get(line) ?? []), screen]);
  }
  return [...screens].map(([line, on]) => `${line}   [${on.join("; ")}]`);
}

/** Holds that there are none, and else says each once. */
function none(findings) {
  const lines = summary(findings);
  assert.ok(lines.length === 0, `\n  ${lines.join("\n  ")}\n`);
}

for (const colorScheme of ["light", "dark"]) {
  for (const viewport of SIZES) {
    for (const lang of ["en", "zh"]) {
      test(`axe finds nothing: ${colorScheme}, ${viewport.width} px, ${lang}`, (t) =>
        onStage(
          async (page, address) => {
            const wcag = [];
            const practice = [];
            const unsure = [];
            await eachScreen(page, address, lang, async (name) => {
              const found = await axe(page);
              wcag.push([name, [...found.wcag, ...(await faintTexts(page))]]);
              practice.push([name, found.practice]);
              unsure.push([name, found.unsure]);
            });
            for (const line of summary(unsure)) t.diagnostic(`for a person to judge: ${line}`);
            await t.test("WCAG 2.2 A and AA", () => none(wcag));
            await t.test("best practice", () => none(practice));
          },
          { context: { viewport, colorScheme, locale: LOCALES[lang], reducedMotion: "reduce" } },
        ));
    }
  }
}

/** What is lost on any screen: in room, or in reach by scrolling and by the focus. */
async function losses(page, address, lang) {
  const findings = [];
  await eachScreen(page, address, lang, async (name) => {
    findings.push([name, await overflows(page)]);
    const far = (await outOfReach(page)).map((one) => `can't be scrolled to: ${one}`);
    const covered = (await outOfReach(page, { focus: true })).map((one) => `is covered when it has the focus: ${one}`);
    findings.push([name, [...far, ...covered]]);
  });
  return findings;
}

const MAGNIFIED = [
  { name: "at 200 % of 1366×768", viewport: { width: 683, height: 384 }, deviceScaleFactor: 2 },
  { name: "at 320 px", viewport: { width: 320, height: 568 } },
  { name: "at 400 % of 1280×1024", viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 },
];

for (const { name, ...size } of MAGNIFIED) {
  for (const lang of ["en", "zh"]) {
    test(`nothing is lost ${name}, ${lang}`, () =>
      onStage(async (page, address) => none(await losses(page, address, lang)), {
        context: { ...size, locale: LOCALES[lang], reducedMotion: "reduce" },
      }));
  }
}

// WCAG 1.4.12 names these four.
const SPACED = `* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
  p { margin-block-end: 2em !important; }`;

for (const viewport of SIZES) {
  for (const lang of ["en", "zh"]) {
    test(`nothing is lost with more space in the text: ${viewport.width} px, ${lang}`, () =>
      onStage(
        async (page, address) => {
          const findings = [];
          await eachScreen(page, address, lang, async (name) => {
            await restyle(page, SPACED);
            findings.push([name, await overflows(page)]);
          });
          none(findings);
        },
        { context: { viewport, locale: LOCALES[lang], reducedMotion: "reduce" } },
      ));
  }
}

test("the measure of contrast sees a faint text, in words and in a drawing", () =>
  onStage(
    async (page, address) => {
      await open(page, address + hashOf({ scene: WAIT, t: "1200ms" }));
      await restyle(page, ".citation { color: #999 !important; background: #fff; } svg text { fill: #aaa !important; }");
      const found = (await faintTexts(page)).join("\n");
      assert.match(found, /citation: 2\.85:1, #999999 on #ffffff/);
      assert.match(found, / text\.: 2\.\d+:1, #aaaaaa on/);
    },
    { context: { locale: LOCALES.en, reducedMotion: "reduce" } },
  ));
