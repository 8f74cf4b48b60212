// Takes the pictures of the README from dist/ into docs/, so that they can be taken again.
//
//   node end2end/pictures.mjs

import { fileURLToPath } from "node:url";
import { launch } from "./browser.mjs";
import { hashOf, sceneText } from "./checks.mjs";
import { serve } from "./server.mjs";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const lostAck = sceneText("lost-last-ack");
const stray = sceneText("stray-segment");

const PICTURES = [
  { name: "lost-last-ack", hash: hashOf({ scene: lostAck, t: "1270ms" }) },
  {
    name: "lesson",
    hash: "#lang=en&lesson=lost-last-ack.5",
    act: async (page) => {
      await page.locator(".lesson button.answer", { hasText: "ACK" }).click();
      await page.locator(".lesson .answer.wrong").waitFor();
    },
  },
  { name: "two-worlds", hash: hashOf({ scene: lostAck, t: "1270ms", more: "w=A+time-wait=60s" }) },
  { name: "stray-segment", hash: hashOf({ scene: stray, t: "2000ms" }), look: "dark" },
  {
    name: "rules",
    hash: hashOf({ scene: lostAck, t: "1270ms" }),
    act: async (page) => {
      await page.keyboard.press("r");
      await page.locator(".sheet-body .row, .sheet-body li").first().waitFor();
    },
  },
  {
    name: "why-2msl",
    hash: "#lang=en&show=lengths+point-8-old-rst",
    act: async (page) => {
      await page.locator(".progress").getByText("All lengths are searched.").waitFor({ timeout: 120_000 });
      await page.locator(".found").waitFor();
    },
  },
  {
    name: "ports",
    hash: "#lang=en&show=ports",
    act: async (page) => {
      await page.locator(".gauge").getByText("EADDRNOTAVAIL for the first time").waitFor({ timeout: 60_000 });
    },
  },
  { name: "phone", hash: hashOf({ scene: lostAck, t: "1270ms", lang: "zh" }), size: [360, 740] },
];

async function take(browser, site, { name, hash, look = "light", size = [1366, 768], act }) {
  const [width, height] = size;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: look,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  await page.goto(site.address + hash);
  await page.getByRole("article").first().waitFor();
  await act?.(page);
  // The last style sheet and the fonts.
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => document.fonts.ready);
  const path = at(`../docs/${name}.png`);
  await page.screenshot({ path });
  console.log(path);
  await context.close();
}

const site = await serve(at("../dist"));
const browser = await launch();
try {
  for (const picture of PICTURES) await take(browser, site, picture);
} finally {
  await browser.close();
  await site.stop();
}
