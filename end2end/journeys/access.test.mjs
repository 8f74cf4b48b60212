// Access, as far as a machine can tell: axe finds nothing on any screen in either look, the labels
// that axe doesn't measure have contrast too, and nothing is lost at 200 %, at 320 px, and with more
// space between the letters (WCAG 2.2 A and AA).
//
// A new screen is a line in SCREENS.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
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

// Axe runs from outside, by the debugger: the page's policy stays as it is.
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

/** What axe finds on the page as it stands, one line each. */
async function axe(page) {
  await page.evaluate(AXE);
  const results = await page.evaluate(async (tags) => {
    // 2.2's own rules are off unless they are asked for.
    const rules = { "target-size": { enabled: true } };
    const { violations, incomplete } = await axe.run(document, { runOnly: { type: "tag", values: tags }, rules, resultTypes: ["violations", "incomplete"] });
    const flat = (found) =>
      found.flatMap(({ id, help, tags, nodes }) =>
        nodes.map(({ target, any, all, none }) => ({ id, help, tags, target: target.join(" "), checks: [...any, ...all, ...none].map(({ message, data }) => ({ message, data })) })),
      );
    return { violations: flat(violations), incomplete: flat(incomplete) };
  }, [...WCAG, "best-practice"]);
  const line = ({ id, target, checks, help }) => {
    const { message, data } = checks[0] ?? { message: help };
    const measured = data?.contrastRatio ? `${data.contrastRatio}:1, ${data.fgColor} on ${data.bgColor}, ${data.fontSize}; ${data.expectedContrastRatio} is needed` : message;
    return `${id}: ${target}: ${measured}`;
  };
  const ofWcag = ({ tags }) => tags.some((tag) => WCAG.includes(tag));
  return {
    wcag: results.violations.filter(ofWcag).map(line),
    practice: results.violations.filter((one) => !ofWcag(one)).map(line),
    // Contrast is measured below, for every text.
    unsure: results.incomplete.filter(({ id }) => id !== "color-contrast").map(line),
  };
}

/**
 * Axe can't tell the ground of what stands on a drawing or near the bar, and passes over what screen
 * readers don't hear; eyes don't. So every text is measured here, against the grounds that its
 * ancestors have. What a control says while it can't be used is exempt (WCAG 1.4.3).
 */
function faintTexts(page) {
  return page.evaluate(() => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const known = new Map();
    const rgba = (colour) => {
      if (!known.has(colour)) {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        known.set(colour, [r, g, b, a / 255]);
      }
      return known.get(colour);
    };
    const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
    const light = ([r, g, b]) => {
      const linear = (one) => (one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4);
      return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    };
    const ratio = (one, other) => {
      const [bright, dark] = [light(one), light(other)].sort((a, b) => b - a);
      return (bright + 0.05) / (dark + 0.05);
    };
    const ancestry = (element) => (element ? [...ancestry(element.parentElement), element] : []);
    const hex = (colour) => `#${colour.slice(0, 3).map((one) => Math.round(one).toString(16).padStart(2, "0")).join("")}`;
    const found = new Set();
    for (const element of document.body.querySelectorAll("*")) {
      const isText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
      if (!isText || element.closest(":disabled, [aria-disabled=true]")) continue;
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const styles = ancestry(element).map((one) => getComputedStyle(one));
      const style = styles.at(-1);
      const ground = styles.reduce((below, { backgroundColor }) => over(rgba(backgroundColor), below), [255, 255, 255, 1]);
      const opacity = styles.reduce((all, { opacity }) => all * Number(opacity), 1);
      const [r, g, b, a] = rgba(element instanceof SVGElement ? style.fill : style.color);
      const seen = over([r, g, b, a * opacity], ground);
      const measured = ratio(seen, ground);
      const size = parseFloat(style.fontSize);
      const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
      const holder = element.closest("[class]");
      const name = `${holder && holder !== element ? `.${holder.getAttribute("class").trim().replaceAll(/\s+/g, ".")} ` : ""}${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""}`;
      if (measured < needed) found.add(`contrast: ${name}: ${measured.toFixed(2)}:1, ${hex(seen)} on ${hex(ground)}, ${size} px; ${needed}:1 is needed`);
    }
    return [...found];
  });
}

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
