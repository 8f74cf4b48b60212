// What a person sees when the program fails, or can't be had whole.

import assert from "node:assert/strict";
import { test } from "node:test";
import { onStage } from "../stage.mjs";

const host = (page) => page.getByRole("article", { name: "HOST1" });
const failure = (page) => page.locator("#failed");
const heading = (page) => page.getByRole("heading", { level: 1 });

/** The next element that the program asks for isn't made, which it doesn't expect. */
const breakIt = (page) =>
  page.evaluate(() => {
    document.createElement = () => {
      delete document.createElement;
      throw new Error("broken by the journey");
    };
  });

for (const [name, locale, words, again] of [
  ["English", "en-GB", "Something in this page has failed", "Start again"],
  ["Chinese", "zh-CN", "页面出错了", "重新开始"],
]) {
  test(`a program that fails says so in ${name}, keeps the scene's address, and starts again`, () =>
    onStage(
      async (page, address) => {
        await page.goto(address);
        await host(page).waitFor();
        await page.keyboard.press("Home");
        // The address follows the scene.
        await page.waitForFunction(() => location.hash.includes("s=time-wait-lab"));
        await breakIt(page);
        await page.keyboard.press("End");
        await failure(page).getByText(words).waitFor();
        assert.equal(await failure(page).locator("p:visible").count(), 1);
        const link = await failure(page).locator("a:visible").getAttribute("href");
        assert.match(link, /#t=[^&]+&lang=(en|zh)&.*s=time-wait-lab/);
        await failure(page).getByRole("button", { name: again }).click();
        await page.waitForURL(address);
        await host(page).waitFor();
        assert.equal(await failure(page).isVisible(), false);
      },
      { context: { locale }, expected: /unreachable|RuntimeError|broken by the journey/ },
    ));
}

test("the errors of others are none of ours", () =>
  onStage(
    async (page, address) => {
      await page.goto(address);
      await host(page).waitFor();
      await page.evaluate(() => {
        setTimeout(() => {
          throw new Error("of an extension");
        });
        Promise.reject(new Error("of an extension"));
      });
      await page.waitForTimeout(100);
      assert.equal(await failure(page).isVisible(), false);
    },
    { expected: /of an extension/ },
  ));

test("a page whose texts cannot be had says so", () =>
  onStage(
    async (page, address) => {
      await page.route("**/first-*.txt", (route) => route.abort());
      await page.goto(address);
      await page.locator("#boot-failed").getByText("could not start").waitFor();
    },
    { expected: /ERR_FAILED|Failed to fetch/ },
  ));

test("texts of another version are not shown", () =>
  onStage(
    async (page, address) => {
      await page.route("**/first-*.txt", (route) => route.fulfill({ body: "other\nkeys\n" }));
      await page.goto(address);
      await page.locator("#boot-failed").getByText("could not start").waitFor();
    },
    { expected: /another version/ },
  ));

test("a language that cannot be had leaves the page as it was, until it can", () =>
  onStage(
    async (page, address) => {
      await page.goto(address);
      await heading(page).getByText("TIME_WAIT lab").waitFor();
      await page.route("**/first-zh-*.txt", (route) => route.abort());
      await page.getByRole("button", { name: "中文" }).click();
      const english = page.getByRole("button", { name: "EN", exact: true });
      await page.locator('button[lang="en"][aria-pressed="true"]').waitFor();
      assert.equal(await english.getAttribute("aria-pressed"), "true");
      assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
      await page.unroute("**/first-zh-*.txt");
      await page.getByRole("button", { name: "中文" }).click();
      await heading(page).getByText("TIME_WAIT 实验室").waitFor();
    },
    { expected: /ERR_FAILED/ },
  ));
