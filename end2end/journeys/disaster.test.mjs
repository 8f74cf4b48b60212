// The disaster that the page opens with, and the world without it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { onStage } from "../stage.mjs";

const host = (page, name) => page.getByRole("article", { name });
const verdict = (page) => page.getByRole("list", { name: "Verdict" });
const story = (page) => page.locator(".story");

test("it opens, plays by itself, and shows why HOST2's close ends in an error", () =>
  onStage(async (page, address) => {
    await page.goto(address);
    await host(page, "HOST1").getByText("ESTABLISHED", { exact: true }).waitFor();
    await story(page).getByText("RST 1007 arrives at HOST2.").waitFor({ timeout: 60_000 });
    await host(page, "HOST2").getByText("ECONNRESET").first().waitFor();
    await verdict(page).getByText("spurious RST: HOST2's close ends in an error").waitFor();
    await page.getByRole("button", { name: "Play" }).waitFor({ timeout: 60_000 });
    assert.match(await host(page, "HOST2").innerText(), /getsockopt\(SO_ERROR\) = ECONNRESET/);
    assert.match(await host(page, "HOST1").innerText(), /CLOSED[^]*no record of this connection/);
  }));

test("with TIME_WAIT the FIN that comes again is answered, and the close is in order", () =>
  onStage(async (page, address) => {
    await page.goto(address);
    await page.getByRole("article", { name: "HOST1" }).waitFor();
    await page.keyboard.press("End");
    await verdict(page).getByText("spurious RST").waitFor();
    const time_wait = page.getByRole("switch", { name: "TIME_WAIT at HOST1" });
    assert.equal(await time_wait.getAttribute("aria-checked"), "false");
    await time_wait.click();
    assert.equal(await time_wait.getAttribute("aria-checked"), "true");
    await page.getByText("HOST1 keeps TIME_WAIT").waitFor();
    await story(page).getByText("Without TIME_WAIT its answer would be RST.").waitFor({ timeout: 60_000 });
    await host(page, "HOST1").getByText("TIME_WAIT").waitFor();
    await page.keyboard.press("End");
    await verdict(page).getByText("closed in order").waitFor();
    await page.keyboard.press("Control+z");
    await verdict(page).getByText("spurious RST").waitFor();
  }));

test("the stray segment is given to the new connection's program, unless HOST1 waits", () =>
  onStage(async (page, address) => {
    await page.goto(address);
    await page.getByRole("button", { name: "The stray segment" }).click();
    await page.keyboard.press("End");
    await verdict(page).getByText("foreign bytes at HOST2").waitFor();
    await page.getByRole("img", { name: "OLD!, from connection 1" }).waitFor();
    await page.getByRole("img", { name: "aaaa, from connection 2" }).waitFor();
    await page.getByRole("switch").click();
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowLeft");
    assert.doesNotMatch(await verdict(page).innerText(), /foreign/);
  }));
