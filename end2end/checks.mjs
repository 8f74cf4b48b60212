// What several journeys and the measurements ask of a page: addresses of scenes, and whether what is
// on the screen has room. Where the page's own names are needed, they are named here once.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The parts of the page, as selectors. The poster that boot.js shows first has them too, one deeper. */
export const PART = {
  stage: "body > main",
  host: "body > main article",
  clock: ".clock",
  transport: ".transport",
  scrub: '.transport input[type="range"]',
  chip: ".chip",
  // What is longer than its window by design: a drawing, and what a program said before, of which the
  // last is always whole. And what lies above the page when open.
  clips: ".ladder, .lines",
  above: '.menu, [role="menu"], [role="dialog"], dialog, [popover]',
};

/** A scene of content/scenes as text, without its remarks. */
export function sceneText(name) {
  const file = fileURLToPath(new URL(`../content/scenes/${name}.scene`, import.meta.url));
  return readFileSync(file, "utf8").replace(/^#.*\n/gm, "").trim();
}

/**
 * The hash that opens a scene standing still: `scene` is its text, `t` the moment, `more` what else
 * stands in the address, such as `w=A+time-wait=none`.
 */
export function hashOf({ scene, t = "0ms", lang = "en", more = "" }) {
  const coded = scene.replace(/[^ \n\w.,=:!*/-]/g, encodeURIComponent).replaceAll(" ", "+").replaceAll("\n", ";");
  return `#t=${t}&lang=${lang}&s=${coded}${more && `&${more}`}`;
}

/** A run of about 1,000 events (997 with 54 sends), whose address has fewer than 2,000 characters. */
export function longRun(sends = 54) {
  const host = (at) => (at % 2 ? "B" : "A");
  const lines = Array.from({ length: sends }, (_, at) => `${300 + at * 200}ms ${host(at)} send "${at % 10}"`);
  const end = 600 + sends * 200;
  return [
    "time-wait-lab 1",
    "A linux iss=1000",
    "B linux iss=3000",
    "wire A 50ms B 50ms lifetime 60s",
    "0s B listen 80",
    "10ms A connect 80 from 40000",
    ...lines,
    `${end}ms A close`,
    `${end + 300}ms B close`,
    "drop A9",
    `until ${Math.ceil(end / 1000) + 70}s`,
  ].join("\n");
}

/** Opens an address anew, even where only its hash differs, and waits for the hosts. */
export async function open(page, address) {
  await page.goto("about:blank");
  await page.goto(address);
  await page.locator(PART.host).first().waitFor();
}

/** Lets the page stand at its start, with the keys in force. */
export async function standAtStart(page) {
  await page.locator(PART.stage).first().focus();
  await page.keyboard.press("Home");
  await page.waitForTimeout(50);
}

/**
 * What has no room on the screen, one line each: a page that is wider than the window, words that
 * are cut off or stand outside their box, controls or words that lie on each other.
 */
export function overflows(page) {
  return page.evaluate(findOverflows, { clips: PART.clips, above: PART.above });
}

/** Runs in the page. */
function findOverflows({ clips, above }) {
  const BOX = "button, a[href], label, article, aside, header, footer, nav, [role=alert], [role=dialog], li, td, th";
  const CONTROL = "button, a[href], input, select, textarea, summary, [role=switch], [role=slider], [role=tab]";
  const SLACK = 1.5;
  const found = new Set();

  const words = (element) => (element.getAttribute?.("aria-label") ?? element.textContent ?? "").trim().slice(0, 40);
  const named = (element) => {
    const part = (one) => one.tagName.toLowerCase() + [...one.classList].map((name) => `.${name}`).join("");
    const holder = element.parentElement?.closest("[class], main, header, footer");
    return `${holder ? `${part(holder)} ` : ""}${part(element)} "${words(element)}"`;
  };
  const style = (element) => getComputedStyle(element);
  const isShown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  // A text for screen readers only: a box of one pixel, clipped.
  const isUnseen = (element) => {
    for (let one = element; one; one = one.parentElement) {
      if (one.clientWidth <= 1 && one.clientHeight <= 1 && style(one).overflow !== "visible") return true;
    }
    return false;
  };
  // What opens above a drawing must have room even so.
  // Shortened with an ellipsis, and in full where it's pointed at.
  const isShortened = (element) => element.title && style(element).textOverflow === "ellipsis";
  const isSkipped = (element) => isShortened(element) || (element.closest(clips) !== null && element.closest(above) === null) || element.closest("svg") !== null;
  const layer = (element) => {
    for (let one = element; one; one = one.parentElement) {
      if (["fixed", "sticky"].includes(style(one).position) || one.matches(above)) return one;
    }
    return null;
  };
  const pokes = (inner, outer) => ({
    sideways: Math.max(outer.left - inner.left, inner.right - outer.right),
    down: Math.max(outer.top - inner.top, inner.bottom - outer.bottom),
  });
  const meet = (one, other) =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > SLACK &&
    Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > SLACK;

  // The texts, with the rectangles of their lines.
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !isShown(element) || isUnseen(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const lines = [...range.getClientRects()].filter((line) => line.width > 0 && line.height > 0);
    texts.push({ element, lines, said: walker.currentNode.data.trim().slice(0, 40) });
  }

  // The page.
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) {
    found.add(`the page is ${wide} px wider than the window`);
    for (const element of document.body.querySelectorAll("*")) {
      const over = element.getBoundingClientRect().right - innerWidth;
      const isOuter = over > SLACK && element.parentElement.getBoundingClientRect().right - innerWidth <= SLACK;
      if (isOuter && isShown(element) && element.parentElement.closest(clips) === null) found.add(`wider than the window by ${Math.round(over)} px: ${named(element)}`);
    }
  }

  // What scrolls sideways inside the page, wherever a bar may or may not be drawn.
  for (const element of document.body.querySelectorAll("*")) {
    if (element.matches("input, svg, svg *") || isSkipped(element) || !isShown(element) || isUnseen(element)) continue;
    const over = element.scrollWidth - element.clientWidth;
    const { overflowX } = style(element);
    if (over > SLACK && ["auto", "scroll"].includes(overflowX)) found.add(`scrolls sideways by ${over} px: ${named(element)}`);
  }

  for (const { element, lines, said } of texts) {
    if (isSkipped(element)) continue;
    // Cut by an ancestor that hides what pokes out.
    for (let one = element; one && one !== document.body; one = one.parentElement) {
      const { overflowX, overflowY } = style(one);
      const box = one.getBoundingClientRect();
      for (const line of lines) {
        const { sideways, down } = pokes(line, box);
        if (sideways > SLACK && ["hidden", "clip"].includes(overflowX)) found.add(`"${said}" is cut by ${Math.round(sideways)} px at the side: ${named(one)}`);
        if (down > 3 && ["hidden", "clip"].includes(overflowY)) found.add(`"${said}" is cut by ${Math.round(down)} px in height: ${named(one)}`);
      }
      if (overflowY !== "visible" || style(one).position === "fixed") break;
    }
    // Outside the box that it belongs to.
    const box = element.closest(BOX);
    if (box === null) continue;
    const outer = box.getBoundingClientRect();
    // What is scrolled inside its box may lie below it.
    let isScrolled = false;
    for (let one = element; one !== box; one = one.parentElement) isScrolled ||= ["auto", "scroll"].includes(style(one).overflowY);
    for (const line of lines) {
      const { sideways, down } = pokes(line, outer);
      if (sideways > SLACK) found.add(`"${said}" stands ${Math.round(sideways)} px outside its box: ${named(box)}`);
      // A line is higher than its letters.
      if (down > 4 && !isScrolled) found.add(`"${said}" stands ${Math.round(down)} px above or below its box: ${named(box)}`);
    }
  }

  // Controls on controls, and words on words, in the same layer, as far as nothing hides them.
  const inSight = (box, element) => {
    let { left, right, top, bottom } = box;
    for (let one = element.parentElement; one && one !== document.body; one = one.parentElement) {
      if (style(one).overflowY === "visible") continue;
      const edge = one.getBoundingClientRect();
      [left, right] = [Math.max(left, edge.left), Math.min(right, edge.right)];
      [top, bottom] = [Math.max(top, edge.top), Math.min(bottom, edge.bottom)];
    }
    return { left, right, top, bottom };
  };
  const pairs = (list, report) =>
    list.forEach((a, at) => {
      for (const b of list.slice(at + 1)) {
        const isInside = a.element.contains(b.element) || b.element.contains(a.element);
        if (a.layer === b.layer && !isInside && a.boxes.some((one) => b.boxes.some((other) => meet(one, other)))) report(a, b);
      }
    });
  const controls = [...document.querySelectorAll(CONTROL)].filter((one) => isShown(one) && !isSkipped(one) && !isUnseen(one));
  pairs(
    controls.map((element) => ({ element, layer: layer(element), boxes: [inSight(element.getBoundingClientRect(), element)] })),
    (a, b) => found.add(`two controls lie on each other: ${named(a.element)} and ${named(b.element)}`),
  );
  // A line is higher than its letters: some of it may be shared.
  const slim = ({ left, right, top, bottom }) => ({ left, right, top: top + (bottom - top) * 0.2, bottom: bottom - (bottom - top) * 0.2 });
  const read = texts.filter(({ element }) => !isSkipped(element));
  pairs(
    read.map(({ element, lines, said }) => ({ element, said, layer: layer(element), boxes: lines.map((line) => inSight(slim(line), element)) })),
    (a, b) => found.add(`words lie on each other: "${a.said}" and "${b.said}" in ${named(a.element)}`),
  );
  return [...found];
}

/**
 * The controls that a person cannot get to by scrolling, one line each: after scrolling there, their
 * middle must be inside the window and be theirs. With `focus` they are scrolled to as a browser does
 * it for the focus, and it is enough that some of them is seen (WCAG 2.4.11). Without it what an open
 * menu covers is in reach: a click beside the menu, Escape and the focus close it.
 */
export function outOfReach(page, { focus = false } = {}) {
  return page.evaluate(findOutOfReach, { focus });
}

/** Runs in the page. */
async function findOutOfReach({ focus }) {
  const CONTROL = "button, a[href], input, select, textarea, summary, [role=switch], [role=slider], [role=tab]";
  const found = [];
  for (const control of document.querySelectorAll(CONTROL)) {
    if (!control.checkVisibility({ visibilityProperty: true })) continue;
    if (focus) control.focus();
    else control.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    // What follows from the focus follows after it.
    if (focus) await new Promise((done) => setTimeout(done));
    const { left, top, width, height } = control.getBoundingClientRect();
    const shares = focus ? [0.1, 0.3, 0.5, 0.7, 0.9] : [0.5];
    const isSeen = shares.some((x) =>
      shares.some((y) => {
        const hit = document.elementFromPoint(left + width * x, top + height * y);
        if (!focus && hit?.closest(".menu-place")) return true;
        return hit !== null && (control.contains(hit) || hit.contains(control) && hit.closest("label") !== null);
      }),
    );
    const name = control.getAttribute("aria-label") ?? control.textContent.trim();
    if (!isSeen) found.push(`${control.tagName.toLowerCase()} "${name.slice(0, 40)}" at ${Math.round(left)}, ${Math.round(top)}, ${Math.round(width)}×${Math.round(height)}`);
  }
  scrollTo({ top: 0, left: 0, behavior: "instant" });
  return found;
}

/** Lays a sheet over the page's own; its content security policy forbids a style element. */
export function restyle(page, sheet) {
  return page.evaluate((text) => {
    const own = new CSSStyleSheet();
    own.replaceSync(text);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, own];
  }, sheet);
}
