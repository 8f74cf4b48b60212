// What axe finds on a page, and the contrast of every text on it.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// Axe runs from outside, by the debugger: the page's policy stays as it is.
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

/** What axe finds on the page as it stands, one line each. */
export async function axe(page) {
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
export function faintTexts(page) {
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
