// Finds a Chromium on this machine and starts it the same way for every journey and screenshot.
//
//   node end2end/browser.mjs     prints the path of the browser, or ends with 1 where there is none

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];

const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  join(homedir(), "Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

// Nothing in the background, no updates, no QUIC: the journeys count every request.
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The path of a browser: CHROMIUM if set, one on PATH, a usual place, Playwright's own. Or null. */
export function findBrowser() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const onPath = (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const found = [...onPath, ...PLACES].find((path) => existsSync(path));
  if (found) return found;
  const own = chromium.executablePath();
  return own && existsSync(own) ? own : null;
}

/** Starts the browser without a window. */
export async function launch() {
  const executablePath = findBrowser();
  if (!executablePath) {
    throw new Error("no Chromium found; `cargo xtask test` installs one, or set CHROMIUM to its path");
  }
  return chromium.launch({ executablePath, args: ARGS });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const path = findBrowser();
  if (path && existsSync(path)) console.log(path);
  else process.exitCode = 1;
}
