// What every journey needs: dist/ served (or the folder that DIST names), a browser, a page that is
// watched. The journeys of a file share the browser and the server; each has a context of its own, which
// knows nothing of the others.

import assert from "node:assert/strict";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { launch } from "./browser.mjs";
import { serve } from "./server.mjs";

const DIST = process.env.DIST ?? fileURLToPath(new URL("../dist", import.meta.url));

/** The servers by the folder that the site lies in, and the browser, as soon as somebody asked. */
const sites = new Map();
let browser = null;

async function theSite(under) {
  if (!sites.has(under)) sites.set(under, serve(DIST, { under }));
  return sites.get(under);
}

/** The browser. One that has crashed costs one journey, not all that follow. */
async function theBrowser() {
  if (browser === null || !(await browser).isConnected()) browser = launch();
  return browser;
}

after(async () => {
  await (await browser)?.close();
  for (const site of sites.values()) await (await site).stop();
});

/**
 * Runs `journey(page, address, another)` on a fresh page and then holds that the page logged no error
 * or warning and spoke to no other origin. `context` is Playwright's (viewport, colorScheme, locale…);
 * `under` is the folder of the server that the site lies in; `expected` matches the complaints that
 * the journey is about. `another(context)` gives one more page, of somebody else: in a context of its
 * own, watched like the first.
 */
export async function onStage(journey, { under = "/", context = {}, expected = /^$/ } = {}) {
  const { address } = await theSite(under);
  const { origin } = new URL(address);
  const contexts = [];
  const watches = [];
  const another = async (more = {}) => {
    const own = await (await theBrowser()).newContext({ ...context, ...more });
    contexts.push(own);
    const page = await own.newPage();
    watches.push({ page, ...watchPage(page, origin) });
    return page;
  };
  try {
    await journey(await another(), address, another);
    // One more turn, so that what the last act set off is seen too.
    await watches[0].page.waitForTimeout(50);
    const complaints = watches.flatMap(({ complaints }) => complaints).filter((one) => !expected.test(one));
    assert.deepEqual(complaints, [], "the page complained");
    assert.deepEqual(watches.flatMap(({ strangers }) => strangers), [], "the page spoke to another origin");
  } finally {
    for (const own of contexts) await own.close();
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
