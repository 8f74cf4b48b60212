// What a person does on the stage and sees there, by mouse and by keys. The page's own words are
// named here once; a journey says what they mean.

import assert from "node:assert/strict";
import { traceOf } from "./engine.mjs";
import { PART, hashOf, open } from "./checks.mjs";

/** Reads until `check` throws no more; after `within` milliseconds it throws on. Gives what was read. */
export async function until(read, check, within = 20_000) {
  const last = Date.now() + within;
  for (;;) {
    try {
      const value = await read();
      check(value);
      return value;
    } catch (error) {
      if (Date.now() > last) throw error;
    }
    await new Promise((done) => setTimeout(done, 25));
  }
}

/** Opens a scene, standing still at `t`. */
export async function stands(page, address, link) {
  await open(page, address + hashOf(link));
  await until(() => moment(page), (at) => assert.equal(at.playing, false));
}

// What is seen

/** The stage as it is at one instant: nothing of it is read later than the rest. */
export function moment(page) {
  return page.evaluate(() => {
    const text = (element) => element.innerText.replaceAll(/\s+/g, " ").trim();
    const all = (within, selector) => [...within.querySelectorAll(selector)].map(text);
    const worlds = [...document.querySelectorAll(".world")].map((world) => ({
      title: text(world.querySelector("h2")),
      verdicts: all(world, ".verdicts > li"),
      // Without the sign of the connection.
      states: all(world, "article .state").map((one) => one.split(" ")[0]),
      chips: all(world, ".chip"),
    }));
    return {
      clock: text(document.querySelector(".clock")).replace("t = ", ""),
      playing: document.querySelector(".play").dataset.sign === "pause",
      story: all(document, ".story, .column").join(" | "),
      worlds,
      title: worlds[0].title,
      verdicts: worlds[0].verdicts,
      states: worlds[0].states,
      chips: worlds[0].chips,
      wire: all(document, ".on-wire li .in-list"),
      kept: all(document, ".kept li"),
    };
  });
}

/** Waits for what is seen to be as `check` wants it; a text or a pattern is about one part. */
export const sees = (page, check, within) => until(() => moment(page), check, within);
export const seesClock = (page, clock) => sees(page, (at) => assert.equal(at.clock, clock));
export const seesStory = (page, words) => sees(page, (at) => assert.match(at.story, asPattern(words)));
export const seesVerdict = (page, words, world = 0) =>
  sees(page, (at) => assert.match(at.worlds[world].verdicts.join(" | "), asPattern(words)));

function asPattern(words) {
  return words instanceof RegExp ? words : new RegExp(words.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
}

export const world = (page, which = 0) => page.locator(".world").nth(which);
export const card = (page, host, which = 0) => world(page, which).locator(`article[data-host="${host}"]`);
export const chip = (page, words, which = 0) => world(page, which).locator(".chip", { hasText: words });
export const button = (page, name) => page.getByRole("button", { name, exact: true });
export const menu = (page) => page.locator(".menu");
export const sheet = (page) => page.getByRole("dialog");
export const scrubBar = (page) => page.locator(PART.scrub);

/** The address as it is this instant. */
export const addressOf = (page) => page.evaluate(() => location.href);

/** What the address says of the scene, line by line. */
export async function sceneOf(page) {
  const coded = /[#&]s=([^&]*)/.exec(await addressOf(page))?.[1] ?? "";
  return coded.split(";").map((line) => decodeURIComponent(line.replaceAll("+", " ")));
}

/** The engine's trace of what the address holds. */
export const trace = async (page, which = 0) => traceOf(await addressOf(page), which);

// What is done. Two manners with the same names: the mouse's, and the keys', which touch nothing but
// the keyboard.

/** Steps with `step` until the story has these words. */
async function stepTo(page, words, step) {
  const pattern = asPattern(words);
  const passed = [];
  for (let at = await moment(page); !pattern.test(at.story); ) {
    passed.push(`${at.clock}: ${at.story.slice(0, 60)}`);
    assert.ok(passed.length < 60, `no step to ${pattern}:\n${passed.join("\n")}`);
    await step(page);
    const before = at.clock;
    at = await sees(page, ({ clock }) => assert.notEqual(clock, before, `no step after ${before}; wanted ${pattern}`));
  }
}

export const mouse = {
  name: "mouse",
  step: (page) => button(page, "Step forward").click(),
  back: (page) => button(page, "Step back").click(),
  toStart: (page) => button(page, "To the start").click(),
  toEnd: (page) => button(page, "To the end").click(),
  play: (page) => page.locator(".play").click(),
  undo: (page) => button(page, "Undo the last change").click(),
  redo: (page) => button(page, "Do it again").click(),
  stepTo: (page, words) => stepTo(page, words, mouse.step),

  /** Opens the menu of a segment in flight and chooses in it. */
  async onSegment(page, segment, act, which = 0) {
    await chip(page, segment, which).click();
    await menu(page).getByRole("button", { name: act, exact: true }).click();
  },

  /** Opens a host's menu and chooses in it. `text` goes into its field. */
  async atHost(page, host, act, { text, which = 0 } = {}) {
    await card(page, host, which).getByRole("button", { name: `Act on ${host}` }).click();
    if (text !== undefined) await menu(page).getByRole("textbox", { name: "The text to send" }).fill(text);
    await menu(page).getByRole("button", { name: act, exact: true }).click();
  },

  /** The line is dead from here on: `length` as the menu says it, `whose` as its list does. */
  async cutLine(page, length, whose) {
    await button(page, "Cut the line …").click();
    if (whose !== undefined) await menu(page).getByRole("combobox").selectOption({ label: whose });
    await menu(page).getByRole("button", { name: `Lose everything from here for ${length}` }).click();
  },

  switchTimeWait: (page) => page.getByRole("switch", { name: "TIME_WAIT at HOST1" }).click(),
  release: (page, segment) => button(page, `Release the copy of ${segment} now`).click(),
};

export const keys = {
  name: "keys",
  step: (page) => page.keyboard.press("ArrowRight"),
  back: (page) => page.keyboard.press("ArrowLeft"),
  toStart: (page) => page.keyboard.press("Home"),
  toEnd: (page) => page.keyboard.press("End"),
  // On a button the space bar is the button's.
  play: (page) => page.keyboard.press("Space"),
  undo: (page) => page.keyboard.press("u"),
  redo: (page) => page.keyboard.press("y"),
  stepTo: (page, words) => stepTo(page, words, keys.step),

  async onSegment(page, segment, act) {
    const pattern = asPattern(segment);
    const passed = [];
    do {
      await page.keyboard.press("s");
      passed.push(await focused(page));
      assert.ok(passed.length < 12, `no chip ${pattern} among ${passed}`);
    } while (!pattern.test(passed.at(-1)));
    await page.keyboard.press("Enter");
    // Its focus comes with the next frame; a Tab before that leads elsewhere and closes it.
    await until(() => page.evaluate(() => document.activeElement.closest(".menu") !== null), assert.ok);
    await tabTo(page, act);
    await page.keyboard.press("Enter");
  },

  async atHost(page, host, act, { text } = {}) {
    await page.keyboard.press(host === "HOST1" ? "1" : "2");
    await until(() => focused(page), (name) => assert.equal(name, "The text to send"));
    if (text !== undefined) {
      await page.keyboard.press("ControlOrMeta+a");
      await page.keyboard.type(text);
    }
    await tabTo(page, act);
    await page.keyboard.press("Enter");
  },

  async cutLine(page, length, whose) {
    await page.keyboard.press("3");
    await until(() => focused(page), (name) => assert.equal(name, "Whose segments are lost"));
    const chosen = () => menu(page).getByRole("combobox").evaluate((list) => list.selectedOptions[0].textContent);
    for (let turn = 0; whose !== undefined && (await chosen()) !== whose; turn++) {
      assert.ok(turn < 3, `no entry ${whose}`);
      await page.keyboard.press("ArrowDown");
    }
    await tabTo(page, `Lose everything from here for ${length}`);
    await page.keyboard.press("Enter");
  },

  async switchTimeWait(page) {
    await tabTo(page, /^TIME_WAIT at HOST1/);
    await page.keyboard.press("Enter");
  },

  async release(page, segment) {
    await tabTo(page, `Release the copy of ${segment} now`);
    await page.keyboard.press("Enter");
  },
};

export const MANNERS = [mouse, keys];

/** The name of what has the focus, as a screen reader would say it. */
export function focused(page) {
  return page.evaluate(() => {
    const at = document.activeElement;
    const words = at.cloneNode(true);
    for (const unseen of words.querySelectorAll("[aria-hidden=true]")) unseen.remove();
    return (at.getAttribute("aria-label") ?? words.textContent).replaceAll(/\s+/g, " ").trim();
  });
}

/** Presses Tab until what has the focus has this name. */
export async function tabTo(page, name, key = "Tab") {
  const is = (found) => (name instanceof RegExp ? name.test(found) : found === name);
  const passed = [await focused(page)];
  while (!is(passed.at(-1))) {
    assert.ok(passed.length < 90, `the focus never comes to ${name}; it passed ${passed.join(" | ")}`);
    await page.keyboard.press(key);
    passed.push(await focused(page));
  }
}
