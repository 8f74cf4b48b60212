// Starts the program, and is there when it fails. In the release it and all that it imports lie in the
// page itself: xtask puts them there, with their hash, for the page's policy forbids every other inline
// script. Trunk serves it as a file.

// The names of what the page fetches: of each language the texts of the first screen, and of the panels
// that open later; the list of the lessons; the style of the sheets. `cargo xtask content` writes it.
import files from "./files.js";

const there = (name) => new URL(`./${name}`, import.meta.url);

/** What the person chose here before; a browser may remember nothing. */
function remembered(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** What the address says, or what the person chose here before, or what the browser prefers. */
function language() {
  const known = (tag) => Object.keys(files.first).find((own) => tag?.toLowerCase().startsWith(own));
  const asked = /[#&]lang=([^&]*)/.exec(location.hash)?.[1];
  return [asked, remembered("language"), ...navigator.languages].map(known).find(Boolean) ?? "en";
}

/** Shows the poster, a picture of the first screen that can't be touched, until the program has put
 * the first screen itself there. A link shows something else, and has none. */
function showPoster() {
  const own = document.getElementById(`poster-${tag}`);
  if (!own || !/^(#lang=[\w-]*)?$/.test(location.hash)) return;
  poster.append(own.content.cloneNode(true));
  for (const one of poster.querySelectorAll("[data-style]")) one.style.cssText = one.dataset.style;
  if (look) poster.querySelector(".looks").value = look;
  poster.inert = true;
  // For who listens through something that doesn't know `inert`.
  poster.setAttribute("aria-hidden", true);
  // The page's parts lie in the body, and so do the poster's.
  poster.style.display = "contents";
  document.body.append(poster);
  // Told in the task of the mount, before anything is drawn.
  new MutationObserver((_, watch) => {
    if (!document.querySelector("body > main")) return;
    poster.remove();
    watch.disconnect();
  }).observe(document.body, { childList: true });
}

/** The promise of a text: 0 for the first screen, 1 for panels, 2 for the list of the lessons; a name
 * stands for the file of that name, such as a lesson's. */
async function fetchText(language, which) {
  const name = [files.first[language], files.panels[language], files.lessons][which] ?? which;
  const answer = await fetch(there(name));
  if (!answer.ok) throw new Error(`${answer.status} ${answer.url}`);
  return answer.text();
}

/** Shows one of the messages of the page, in its language, and takes the rest out of reach. */
function say(id) {
  const message = document.getElementById(id);
  if (!document.querySelector(".failure:not([hidden])")) {
    poster.remove();
    // A dialog would lie above it.
    for (const dialog of document.querySelectorAll("dialog")) dialog.remove();
    for (const other of document.body.children) other.inert = other !== message;
    const tag = document.documentElement.lang;
    for (const words of message.children) words.hidden = words.lang !== tag;
    for (const link of message.querySelectorAll("a")) link.href = location.href;
    message.hidden = false;
  }
}

/** A trap of the program, or an error in its scripts: not what an extension of the browser throws. The
 * last line of the page's script gives it the name that stands here. */
function failed(error, file) {
  const ours = /\btime-wait-lab[\w-]*\.(js|wasm)\b/;
  if (error instanceof WebAssembly.RuntimeError || ours.test(`${error?.stack} ${file}`)) {
    say(isRunning ? "failed" : "boot-failed");
  }
}

let isRunning = false;
// It stands there for those who have no script: on its way the page can be changed, and then it's not
// allowed any more.
const late = document.getElementById("boot-failed");
late.hidden = true;
late.classList.remove("late");
addEventListener("error", (event) => failed(event.error, event.filename));
addEventListener("unhandledrejection", (event) => failed(event.reason));
// Without its hash, for the scene may be what failed.
addEventListener("click", ({ target }) => {
  if (target.closest?.(".failure button")) location.assign(location.pathname + location.search);
});

const poster = document.createElement("div");
const look = remembered("look");
if (look) document.documentElement.dataset.look = look;
const tag = language();
document.documentElement.lang = tag;
showPoster();

/** Starts the program: `program` and `start` are the glue's, `wasm` is the name of its file. */
export async function boot(program, start, wasm) {
  try {
    const ready = program({ module_or_path: there(wasm) });
    const [text] = await Promise.all([fetchText(tag, 0), ready]);
    isRunning = true;
    isRunning = start(text, fetchText);
    if (!isRunning) throw new Error("the texts are those of another version");
    const sheets = document.createElement("link");
    Object.assign(sheets, { rel: "stylesheet", href: there(files.sheets) });
    document.head.append(sheets);
  } catch (error) {
    say(isRunning ? "failed" : "boot-failed");
    throw error;
  }
}
