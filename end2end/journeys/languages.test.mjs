// Two languages, the address bar, and a browser that remembers nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { onStage } from "../stage.mjs";

const heading = (page) => page.getByRole("heading", { level: 1 });
const lang = (page) => page.evaluate(() => document.documentElement.lang);

test("the language is the browser's at first, and is switched in place and remembered", () =>
  onStage(
    async (page, address) => {
      await page.goto(address);
      await heading(page).getByText("TIME_WAIT 实验室").waitFor();
      assert.equal(await lang(page), "zh");
      await page.getByRole("button", { name: "EN", exact: true }).click();
      await heading(page).getByText("TIME_WAIT lab").waitFor();
      assert.equal(await lang(page), "en");
      assert.equal(await page.title(), "TIME_WAIT lab");
      await page.goto("about:blank");
      await page.goto(address);
      await heading(page).getByText("TIME_WAIT lab").waitFor();
    },
    { context: { locale: "zh-CN" } },
  ));

test("the address holds the scene, the moment and the language", () =>
  onStage(async (page, address) => {
    await page.goto(address);
    await page.getByRole("article", { name: "HOST1" }).waitFor();
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowRight");
    await page.getByRole("switch").click();
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowRight");
    await page.getByRole("button", { name: "中文" }).click();
    await page.waitForTimeout(700);
    const link = page.url();
    assert.match(link, /#t=10ms&lang=zh&s=time-wait-lab\+1;A\+linux/);
    assert.ok(link.length < 2_000, `${link.length} characters`);
    await page.goto("about:blank");
    await page.goto(link);
    await page.getByText("HOST1 保留 TIME_WAIT").waitFor();
    assert.equal(await page.locator(".clock").innerText(), "t = 0.010 s");
    await page.getByRole("button", { name: "播放" }).waitFor();
  }));

test("a link that can't be read gets a message in the person's language and the first scene", () =>
  onStage(
    async (page, address) => {
      await page.goto(`${address}#t=1s&s=time-wait-lab+1;A+nonsense`);
      const alert = page.getByRole("alert");
      await alert.getByText("无法读懂这个链接（第 2 行第 3 列；应为：rfc9293, rfc793, linux").waitFor();
      await page.getByRole("article", { name: "HOST1" }).waitFor();
      await page.getByRole("button", { name: "关闭此消息" }).click();
      assert.equal(await page.getByRole("alert").count(), 0);
      await page.goto("about:blank");
      await page.goto(`${address}#what`);
      await page.getByRole("alert").waitFor();
      await page.goto("about:blank");
      await page.goto(`${address}#s=time-wait-lab+1;drop+what`);
      await page.getByRole("alert").getByText("应为：报文段的名称，如 A3").waitFor();
    },
    { context: { locale: "zh-CN" } },
  ));

test("the page works where storage is forbidden", () =>
  onStage(async (page, address) => {
    await page.addInitScript(() => {
      Object.defineProperty(window, "localStorage", {
        get() {
          throw new DOMException("no", "SecurityError");
        },
      });
    });
    await page.goto(address);
    await page.getByRole("button", { name: "中文" }).click();
    await heading(page).getByText("TIME_WAIT 实验室").waitFor();
    await page.getByRole("button", { name: "深色" }).click();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.look), "dark");
  }));

for (const [width, height] of [[1366, 768], [360, 740]]) {
  test(`nothing is wider than ${width} px`, () =>
    onStage(
      async (page, address) => {
        await page.goto(address);
        for (const name of ["EN", "中文"]) {
          await page.getByRole("button", { name, exact: true }).click();
          await page.keyboard.press("End");
          const room = await page.evaluate(() => [
            document.documentElement.scrollWidth - innerWidth,
            document.documentElement.scrollHeight - innerHeight,
          ]);
          assert.ok(room[0] <= 0, `${room[0]} px too wide in ${name}`);
          if (width === 1366) assert.ok(room[1] <= 0, `${room[1]} px too high in ${name}`);
        }
      },
      { context: { viewport: { width, height } } },
    ));
}

test("on a phone the page opens at its top, with the message about a link in sight", () =>
  onStage(
    async (page, address) => {
      await page.goto(`${address}#s=time-wait-lab+1;A+nonsense`);
      const alert = page.getByRole("alert");
      await alert.waitFor();
      for (const seen of [heading(page), alert]) {
        const box = await seen.boundingBox();
        assert.ok(box.y >= 0 && box.y + box.height <= 740, `at ${box.y}, ${box.height} high`);
      }
      // The segment in flight is above the bar that covers the bottom, without scrolling.
      await page.goto("about:blank");
      await page.goto(address);
      await heading(page).waitFor();
      await page.keyboard.press("Home");
      await page.keyboard.press("ArrowRight");
      const chip = await page.locator(".chip").first().boundingBox();
      const bar = await page.locator(".transport").boundingBox();
      assert.ok(chip.y > 0 && chip.y + chip.height < bar.y, `${chip.y} is not above ${bar.y}`);
      await page.keyboard.press("End");
      const now = await page.getByRole("list", { name: "Verdict" }).boundingBox();
      assert.ok(now.y > 0 && now.y + now.height < bar.y);
    },
    { context: { viewport: { width: 360, height: 740 } } },
  ));
