// A phone: 360 px wide and a finger. Everything can be tapped, the line of the moment stays in sight,
// and nothing is wider than the screen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hashOf, open, sceneText } from "../checks.mjs";
import { button, card, chip, menu, moment, sceneOf, sees, seesClock, seesStory, seesVerdict, sheet, stands, trace, until } from "../person.mjs";
import { eventsOf } from "../told.mjs";
import { onStage } from "../stage.mjs";

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2, locale: "en-GB" };
const ACK = sceneText("lost-last-ack");

const box = (locator) => locator.boundingBox();

/** Holds that nothing is wider than the screen, and that what lies above the page is within it. */
async function fits(page, what) {
  const found = await page.evaluate(() => {
    const wide = [document.documentElement.scrollWidth, innerWidth, visualViewport.scale];
    const above = [...document.querySelectorAll(".menu, dialog[open]")].map((one) => one.getBoundingClientRect()).map(({ left, right, top, bottom }) => [left, right, top, bottom].map(Math.round));
    return { wide, above };
  });
  assert.deepEqual(found.wide, [360, 360, 1], `${what}: the page is wider than the screen`);
  for (const [left, right, top, bottom] of found.above) assert.ok(left >= 0 && right <= 360 && top >= 0 && bottom <= 740, `${what}: at ${[left, right, top, bottom]}`);
}

/** Holds that the line of the moment, and a chip on it, are between the top of the window and the bar of time. All
 * is read at once: while it plays a chip arrives, and is gone. */
async function inSight(page, what) {
  const [line, bar, chips] = await page.evaluate(() => {
    const at = (one) => {
      const { x, y, width, height } = one.getBoundingClientRect();
      return { x, y, width, height };
    };
    const found = (selector) => document.querySelector(selector);
    return [at(found(".now .wire")), at(found(".transport")), [...found(".world").querySelectorAll(".chip")].map(at)];
  });
  assert.ok(line.y > 0 && line.y < bar.y, `${what}: the line of the moment is at ${line.y}, the bar at ${bar.y}`);
  for (const place of chips) {
    assert.ok(place.x >= 0 && place.x + place.width <= 360 && place.y > 0 && place.y + place.height <= bar.y, `${what}: a chip is at ${JSON.stringify(place)}`);
  }
}

test("by taps: play, step, a segment is dropped, a host acts, a segment is forged, two worlds", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK });
      await fits(page, "the start");
      const step = button(page, "Step forward");
      for (let at = await moment(page); !at.story.includes('send("hello")'); ) {
        await step.tap();
        at = await sees(page, ({ clock }) => assert.notEqual(clock, at.clock));
      }
      await chip(page, "hello").tap();
      await menu(page).getByRole("button").first().waitFor();
      await fits(page, "the menu of a segment");
      await menu(page).getByRole("button", { name: "Drop it" }).tap();
      await chip(page, "hello").and(page.locator('[aria-label*="being lost"]')).waitFor();
      assert.ok(eventsOf(await trace(page)).some(({ what }) => what === "lost A3"));

      // From the list, which lies below: a tap there works as well.
      await page.locator(".in-list", { hasText: "hello" }).tap();
      await menu(page).getByRole("button").first().waitFor();
      await fits(page, "the menu from the list");
      await menu(page).getByRole("button", { name: "Let it arrive" }).tap();
      await until(() => sceneOf(page), (lines) => assert.ok(!lines.some((line) => line.startsWith("drop A3"))));

      await card(page, "HOST2").getByRole("button", { name: "Act on HOST2" }).tap();
      await menu(page).getByRole("button").first().waitFor();
      await fits(page, "the menu of a host");
      await menu(page).getByRole("textbox").fill("from a phone");
      await menu(page).getByRole("button", { name: "send()" }).tap();
      await seesStory(page, 'HOST2\'s program calls send("from a phone") = 12.');

      await button(page, "Cut the line …").tap();
      await menu(page).getByRole("combobox").selectOption({ label: "From HOST1 only" });
      await fits(page, "the menu of the line");
      await menu(page).getByRole("button", { name: "Lose everything from here for 10 s" }).tap();
      await until(() => sceneOf(page), (lines) => assert.ok(lines.some((line) => line.startsWith("drop every A from "))));
      await page.locator(".dead p").waitFor();
      await fits(page, "the line is dead");
      await button(page, "Undo the last change").tap();
      await until(() => sceneOf(page), (lines) => assert.ok(!lines.some((line) => line.startsWith("drop every"))));

      // A tap beside a menu closes it.
      await card(page, "HOST1").getByRole("button", { name: "Act on HOST1" }).tap();
      await menu(page).waitFor();
      await page.touchscreen.tap(340, 20);
      await until(() => menu(page).count(), (count) => assert.equal(count, 0));
      await button(page, "To the start").tap();
      await seesClock(page, "0.000 s");
      for (let at = await moment(page); !at.story.includes('send("hello")'); ) {
        await step.tap();
        at = await sees(page, ({ clock }) => assert.notEqual(clock, at.clock));
      }

      await card(page, "HOST2").getByRole("button", { name: "Act on HOST2" }).tap();
      await menu(page).getByRole("button", { name: "Forge a segment for it …" }).tap();
      await sheet(page).waitFor();
      await fits(page, "the form");
      await sheet(page).getByRole("button", { name: "a RST that fits exactly (SEQ = RCV.NXT)" }).tap();
      await button(page, "Put it on the wire").tap();
      await until(() => sheet(page).count(), (count) => assert.equal(count, 0));
      await sees(page, (at) => assert.ok(at.chips.some((one) => one.startsWith("RST") || /RST/.test(one)), at.chips));

      await button(page, "Two worlds").tap();
      // The other world lies below the first: a button says so, and leads there and back.
      const second = page.locator(".world").nth(1);
      assert.ok((await box(second)).y > 740);
      const name = await second.getAttribute("aria-label");
      await button(page, `↓ ${name}`).tap();
      await until(() => box(second), ({ y }) => assert.ok(y >= -1 && y < 200, `at ${y}`));
      await second.getByRole("button", { name: /^↑/ }).tap();
      await until(() => box(page.locator(".world").first()), ({ y }) => assert.ok(y >= -1 && y < 200, `at ${y}`));
      await sees(page, (at) => assert.equal(at.worlds.length, 2));
      await fits(page, "two worlds");
      await button(page, "One world").tap();
      await sees(page, (at) => assert.equal(at.worlds.length, 1));
      await button(page, "Undo the last change").tap();
      await button(page, "To the end").tap();
      await fits(page, "the end");
    },
    { context: PHONE },
  ));

test("the line of the moment stays in sight from the start to the end, also while it plays", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK });
      const step = button(page, "Step forward");
      for (let at = await moment(page), before = null; at.clock !== before; ) {
        before = at.clock;
        await inSight(page, before);
        await step.tap();
        await page.waitForTimeout(30);
        at = await moment(page);
      }
      await button(page, "To the start").tap();
      await button(page, "Play").tap();
      for (let turn = 0; turn < 8; turn++) {
        const [line, bar] = await Promise.all([box(page.locator(".now .wire").first()), box(page.locator(".transport"))]);
        assert.ok(line.y > 0 && line.y < bar.y, `${line.y} is not above ${bar.y}`);
        await page.waitForTimeout(150);
      }
      assert.equal(await page.evaluate(() => scrollY), 0, "the page has been scrolled");
    },
    { context: PHONE },
  ));

for (const height of [640, 740]) {
  for (const locale of ["en-GB", "zh-CN"]) {
    test(`it's in sight when the page opens, below the first sentence: 360×${height}, ${locale}`, () =>
      onStage(
        async (page, address) => {
          await open(page, address);
          await page.locator(".intro p").waitFor();
          for (let turn = 0; turn < 8; turn++) {
            await inSight(page, `${turn}`);
            await page.waitForTimeout(150);
          }
          assert.equal(await page.evaluate(() => scrollY), 0, "the page has been scrolled");
        },
        { context: { ...PHONE, viewport: { width: 360, height }, locale } },
      ));
  }
}

test("a finger scrubs, and opens the sheets within the screen", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "1250ms" });
      const bar = await box(page.locator(".scrub input"));
      assert.ok(bar.height >= 24 && bar.width >= 120, JSON.stringify(bar));
      await page.touchscreen.tap(bar.x + bar.width * 0.3, bar.y + bar.height / 2);
      await sees(page, (at) => assert.ok(parseFloat(at.clock) < 1.25, at.clock));
      for (const open of [
        () => button(page, "Rules").tap(),
        () => page.getByRole("button", { name: "Help: how to read the picture, and the keys" }).tap(),
        () => card(page, "HOST2").getByRole("button", { name: "All of HOST2" }).tap(),
        () => page.locator(".stacks").first().tap(),
      ]) {
        await open();
        await sheet(page).locator(".sheet-body > *").first().waitFor();
        await until(() => sheet(page).getByRole("heading").first().innerText(), (text) => assert.notEqual(text, "…"));
        const name = await sheet(page).getByRole("heading").first().innerText();
        await fits(page, name);
        const inner = await sheet(page).evaluate((one) => [...one.querySelectorAll("*")].filter((part) => part.getBoundingClientRect().right > 361 && part.checkVisibility()).map((part) => `${part.tagName}.${part.className}`));
        assert.deepEqual(inner.filter((part) => !/^(TABLE|THEAD|TBODY|TR|TD|TH)\b/.test(part)), [], name);
        await sheet(page).getByRole("button", { name: "Close", exact: true }).tap();
        await until(() => sheet(page).count(), (count) => assert.equal(count, 0));
      }
    },
    { context: PHONE },
  ));

test("what is tapped is large enough for a finger", () =>
  onStage(
    async (page, address) => {
      await open(page, address + hashOf({ scene: ACK, t: "225ms" }));
      await chip(page, "hello").tap();
      await menu(page).getByRole("button").first().waitFor();
      const small = await page.locator("button, select, input").evaluateAll((all) =>
        all
          // A term stands in a sentence (WCAG 2.5.8).
          .filter((one) => one.checkVisibility() && !one.matches(".term"))
          .map((one) => ({ name: `${one.className} ${one.getAttribute("aria-label") ?? one.textContent}`.trim().slice(0, 50), box: one.getBoundingClientRect() }))
          .filter(({ box }) => box.width < 24 || box.height < 24)
          .map(({ name, box }) => `${name}: ${Math.round(box.width)}×${Math.round(box.height)}`),
      );
      assert.deepEqual(small, []);
      // Those that one taps all the time are larger.
      for (const one of [...(await page.locator(".transport button:visible").all()), ...(await menu(page).getByRole("button").all())]) {
        const place = await box(one);
        assert.ok(place.width >= 32 && place.height >= 40, `${await one.getAttribute("aria-label")}: ${JSON.stringify(place)}`);
      }
    },
    { context: PHONE },
  ));

test("on a phone the page opens at its top, with the message about a link in sight", () =>
  onStage(
    async (page, address) => {
      await open(page, `${address}#s=time-wait-lab+1;A+nonsense`);
      for (const seen of [page.getByRole("heading", { level: 1 }), page.getByRole("alert")]) {
        const place = await box(seen);
        assert.ok(place.y >= 0 && place.y + place.height <= 740, `at ${place.y}, ${place.height} high`);
      }
      assert.equal(await page.evaluate(() => scrollY), 0);
    },
    { context: PHONE },
  ));

test("the verdict is in sight when it falls", () =>
  onStage(
    async (page, address) => {
      await stands(page, address, { scene: ACK, t: "1250ms" });
      await button(page, "To the end").tap();
      await seesVerdict(page, "spurious RST");
      const [verdict, bar] = await Promise.all([box(page.getByRole("list", { name: "Verdict" })), box(page.locator(".transport"))]);
      assert.ok(verdict.y > 0 && verdict.y + verdict.height < bar.y && verdict.x + verdict.width <= 360, JSON.stringify(verdict));
      await fits(page, "the verdict");
    },
    { context: PHONE },
  ));
