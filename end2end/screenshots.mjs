// Takes pictures of dist/ for a person to look at: every state in every size, look and language.
//
//   node end2end/screenshots.mjs FOLDER [STATE…]
//
// A state is NAME=ADDRESS, the address being what stands after the page's own: a query, a hash or
// both. "{lang}" in it becomes en or zh; the browser's own language is set to match in any case.
// Without a state the page is taken as it opens. Example:
//
//   node end2end/screenshots.mjs /tmp/shots 'start=?lang={lang}' 'close=?lang={lang}#lesson=close'
//
// To take fewer: SIZES=1366x768,360x740  LOOKS=light,dark  LANGS=en,zh

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch } from "./browser.mjs";
import { serve } from "./server.mjs";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));
const LOCALES = { en: "en-GB", zh: "zh-CN" };

const list = (name, otherwise) => (process.env[name] ?? otherwise).split(",");

/** Every combination, so that the loop below is one loop. */
function pictures(states) {
  return states.flatMap((state) =>
    list("SIZES", "1366x768,360x740").flatMap((size) =>
      list("LOOKS", "light,dark").flatMap((look) =>
        list("LANGS", "en,zh").map((lang) => ({ state, size, look, lang })),
      ),
    ),
  );
}

async function take(browser, site, folder, { state, size, look, lang }) {
  const at = state.indexOf("=");
  const name = at < 0 ? state : state.slice(0, at);
  const rest = at < 0 ? "" : state.slice(at + 1);
  const [width, height] = size.split("x").map(Number);
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: look,
    locale: LOCALES[lang] ?? lang,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") console.error(`${name}: ${message.text()}`);
  });
  await page.goto(site + rest.replaceAll("{lang}", lang));
  await page.getByRole("heading").first().waitFor();
  await page.evaluate(() => document.fonts.ready);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) console.error(`${name} ${size} ${lang}: ${wide} px wider than the screen`);
  const file = join(folder, `${name}-${size}-${look}-${lang}.png`);
  await page.screenshot({ path: file });
  console.log(file);
  await context.close();
}

const [folder, ...states] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node end2end/screenshots.mjs FOLDER [NAME=ADDRESS…]");
  process.exit(2);
}
await mkdir(folder, { recursive: true });
const site = await serve(DIST);
const browser = await launch();
try {
  for (const picture of pictures(states.length > 0 ? states : ["start"])) {
    await take(browser, site.address, folder, picture);
  }
} finally {
  await browser.close();
  await site.stop();
}
