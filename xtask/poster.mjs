// Prints what the page shows first, as markup: the page's own scripts and its program run here, on a
// document without a browser, and what they have mounted is written out. index.html carries it, so
// that a person on a slow line sees the stage before the program is there.
//
//   node xtask/poster.mjs SCRIPT LANGUAGE     SCRIPT is the page's, in a file that lies in dist/

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseHTML } from "../end2end/node_modules/linkedom/esm/index.js";

const [script, language] = process.argv.slice(2);

const source = await readFile(new URL("../index.html", import.meta.url), "utf8");
const { document, window } = parseHTML(source);

/** What a browser has beyond the document, as far as the page asks for it before its first frame. */
const BROWSER = {
  document,
  location: { hash: "", href: "http://localhost/", pathname: "/", search: "" },
  history: { state: null, replaceState() {}, pushState() {} },
  navigator: { languages: [language] },
  localStorage: undefined,
  addEventListener() {},
  matchMedia: () => ({ matches: false }),
  // No frame ever comes, so nothing moves on, and nothing has a size.
  requestAnimationFrame: () => 0,
  ResizeObserver: class {
    observe() {}
    disconnect() {}
  },
  Window: { [Symbol.hasInstance]: (one) => one === globalThis },
  HTMLDialogElement: class {},
  KeyboardEvent: class {},
  MouseEvent: class {},
  fetch: async (address) => {
    const path = fileURLToPath(address);
    const type = path.endsWith(".wasm") ? "application/wasm" : "text/plain";
    return new Response(await readFile(path), { headers: { "content-type": type } });
  },
};
for (const name of ["Element", "HTMLElement", "HTMLInputElement"]) BROWSER[name] = window[name];
for (const [name, value] of Object.entries({ window: globalThis, self: globalThis, ...BROWSER })) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

const all = (selector, within = document) => [...within.querySelectorAll(selector)];

/** How far down the run something begins, in percent. */
const top = (one) => Math.min(...["y", "y1", "y2"].map((name) => parseFloat(one.getAttribute(name) ?? "100")));

/** How far a part of the page was moved, in percent. */
const moved = (selector) => /[\d.]+%/.exec(document.querySelector(selector).style.transform)[0];

/** Moves the run up as `scrolled` in ladder.rs does. That measures; here nobody can, so the browser is
 * told how. A journey holds that both come to the same. */
function scroll() {
  document.querySelector(".ladder").style.setProperty("container-type", "size");
  const up = `round(clamp(0px, ${moved(".knob")} - 72cqh, 100% - 100cqh), 1px)`;
  document.querySelector(".run").style.setProperty("transform", `translateY(calc(-1 * ${up}))`);
}

/** Takes away what nobody sees before the program is there. */
function strip(poster) {
  // What lies below the moment is covered.
  const now = parseFloat(moved(".now"));
  for (const one of all(".drawing > g > *", poster)) {
    const parts = [one, ...all("line, text", one)];
    if (Math.min(...parts.map(top)) >= now) one.remove();
  }
  for (const one of all("dialog, .menu-place, .hit, input, [data-road=off]", poster)) one.remove();
  const drawn = poster.innerHTML;
  for (const one of all("defs > *", poster)) if (!drawn.includes(`#${one.id})`)) one.remove();
  for (const one of all("*", poster)) {
    for (const { name, value } of [...one.attributes]) if (!isSeen(name, value, drawn)) one.removeAttribute(name);
    // The page's policy forbids the attribute: boot.js says it to the browser otherwise.
    const style = one.getAttribute("style");
    one.removeAttribute("style");
    if (style) one.setAttribute("data-style", style);
  }
}

/** Whether an attribute changes what the eye sees: what hands, keys and ears need comes alive later. */
function isSeen(name, value, drawn) {
  if (name === "id") return value === "copy" || drawn.includes(`#${value})`);
  if (/^aria-(pressed|checked|disabled)$/.test(name)) return value === "true";
  return !/^(aria-.*|role|tabindex|title|type|data-(arrow|host|opens))$/.test(name);
}

try {
  await import(pathToFileURL(resolve(script)));
  if (!document.querySelector("body > main")) throw new Error("the program has put nothing on the page");
} catch (error) {
  // By itself Node would print the line too, which is the whole script.
  console.error(error);
  process.exit(1);
}
scroll();
const poster = document.createElement("div");
document.body.append(poster);
poster.append(...[...document.body.children].filter((one) => one !== poster && !one.matches("noscript, .failure")));
strip(poster);
process.stdout.write(poster.innerHTML, () => process.exit());
