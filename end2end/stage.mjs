// What every journey needs: dist/ served, a browser, a page that is watched.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { launch } from "./browser.mjs";
import { serve } from "./server.mjs";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));

/**
 * Runs `journey(page, address)` on a fresh page and then holds that the page logged no error or
 * warning and spoke to no other origin. `context` is Playwright's (viewport, colorScheme, locale…);
 * `under` is the folder of the server that the site lies in.
 */
export async function onStage(journey, { under = "/", context = {} } = {}) {
  const site = await serve(DIST, { under });
  const browser = await launch();
  try {
    const page = await (await browser.newContext(context)).newPage();
    const watch = watchPage(page, new URL(site.address).origin);
    await journey(page, site.address);
    // One more turn, so that what the last act set off is seen too.
    await page.waitForTimeout(50);
    assert.deepEqual(watch.complaints, [], "the page complained");
    assert.deepEqual(watch.strangers, [], "the page spoke to another origin");
  } finally {
    await browser.close();
    await site.stop();
  }
}

/** Collects what a page must not do. A breach of the content security policy is a console error. */
function watchPage(page, origin) {
  const complaints = [];
  const strangers = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && url.origin !== origin) strangers.push(request.url());
  });
  return { complaints, strangers };
}
