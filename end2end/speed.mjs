// Measures dist/ in Chromium and prints figures. Not a test: a machine that has other work to do
// measures itself, so look at the empty page first.
//
//   node end2end/speed.mjs [NAME=HASH…]
//
// What is measured:
//   frames   while a scene plays from its start: those in which the program works, and those that the
//            browser draws, for what moves is moved by the browser, whatever the program does
//   paused   what runs while the page stands still: nothing should
//   jump     from a click or a key to the frame that shows the far moment; and from an act to its frame
//   start    the first visit over a slow line, the files compressed with brotli 11
//
// To measure less or otherwise:  PARTS=frames,start  SLOW=4  PLAY=8  RUNS=5
// SLOW is how many times slower the page's main thread runs, PLAY how many seconds a scene plays.
// NAME=HASH puts other scenes in the place of the usual ones; the hash is what the address bar shows.

import { readFile, readdir } from "node:fs/promises";
import { createServer } from "node:http";
import { loadavg } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { launch } from "./browser.mjs";
import { PART, hashOf, longRun, open, sceneText, standAtStart } from "./checks.mjs";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));
const PARTS = (process.env.PARTS ?? "frames,paused,jump,start").split(",");
const SLOW = Number(process.env.SLOW ?? 4);
const PLAY = Number(process.env.PLAY ?? 8);
const RUNS = Number(process.env.RUNS ?? 5);
const SIZE = { width: 1366, height: 768 };

// Slow 4G as the issue names it: a round trip for every request, and octets a second.
const LINE = { latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 };

// A frame of 60 a second lasts 16.7 ms. What the clock of frames rounds is no lost frame.
const LATE = [17.5, 33.5];

const SCENES = [
  { name: "one world", hash: hashOf({ scene: sceneText("lost-last-ack") }) },
  { name: "two worlds", hash: hashOf({ scene: sceneText("lost-last-ack-time-wait"), more: "w=A+time-wait=none" }) },
  { name: "long run", hash: hashOf({ scene: longRun() }) },
  { name: "long run, two worlds", hash: hashOf({ scene: longRun(), more: "w=A+time-wait=none" }) },
];

// The files, compressed once: the journeys' server compresses nothing, a host on the web does.

const TYPES = { html: "text/html; charset=utf-8", js: "text/javascript", css: "text/css", wasm: "application/wasm", txt: "text/plain; charset=utf-8", json: "application/json", svg: "image/svg+xml" };

async function compressed(folder) {
  const files = new Map();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const plain = await readFile(path);
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
    const type = TYPES[entry.name.split(".").pop()] ?? "application/octet-stream";
    files.set(`/${path.slice(folder.length + 1).replaceAll("\\", "/")}`, { type, body: brotliCompressSync(plain, { params }) });
  }
  files.set("/", files.get("/index.html"));
  return files;
}

async function serve() {
  const files = await compressed(DIST);
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const file = files.get(path);
    if (path === "/empty") response.writeHead(200, { "content-type": TYPES.html }).end(EMPTY);
    else if (!file) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": file.type, "content-encoding": "br", "content-length": file.body.length }).end(file.body);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { address: `http://127.0.0.1:${server.address().port}/`, stop };
}

/** What the machine can do at best: a square that moves, and nothing else. */
const EMPTY = `<!doctype html><title>empty</title><div id="a" style="width:40px;height:40px;background:#888"></div>
<script>let n = 0; const move = () => { a.style.transform = "translateX(" + (n++ % 300) + "px)"; requestAnimationFrame(move); };
requestAnimationFrame(move);</script>`;

// What runs in the page before anything of its own: it notes frames, timers and changes.

function watchInPage() {
  const seen = { frames: [], timers: 0, mutations: 0, changed: {}, longTasks: 0 };
  globalThis.seen = seen;
  const ask = globalThis.requestAnimationFrame.bind(globalThis);
  globalThis.ownFrame = ask;
  globalThis.requestAnimationFrame = (work) =>
    ask((now) => {
      // Several callbacks of one frame count once.
      if (seen.frames.at(-1) !== now) seen.frames.push(now);
      work(now);
    });
  for (const name of ["setTimeout", "setInterval"]) {
    const own = globalThis[name].bind(globalThis);
    if (name === "setTimeout") globalThis.ownTimeout = own;
    globalThis[name] = (work, time, ...more) => {
      seen.timers += 1;
      return own(work, time, ...more);
    };
  }
  new PerformanceObserver((list) => (seen.longTasks += list.getEntries().length)).observe({ type: "longtask" });
  const named = ({ type, target, attributeName }) => {
    const element = target.nodeType === 1 ? target : target.parentElement;
    const name = element?.getAttribute("class") || element?.parentElement?.getAttribute("class") || "";
    return `${element?.localName ?? "?"}${name && `.${name.split(" ")[0]}`} ${attributeName ?? (type === "childList" ? "children" : "words")}`;
  };
  globalThis.watchMutations = () =>
    new MutationObserver((records) => {
      seen.mutations += records.length;
      for (const record of records) seen.changed[named(record)] = (seen.changed[named(record)] ?? 0) + 1;
    }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
}

async function fresh(browser) {
  const context = await browser.newContext({ viewport: SIZE, locale: "en-GB" });
  const page = await context.newPage();
  await page.addInitScript(watchInPage);
  const cdp = await context.newCDPSession(page);
  // Durations are the main thread's own time, whatever else the machine does.
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  const slow = (rate) => cdp.send("Emulation.setCPUThrottlingRate", { rate });
  const metrics = async () => {
    const { metrics } = await cdp.send("Performance.getMetrics");
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
  const forget = () => page.evaluate(() => Object.assign(seen, { frames: [], timers: 0, mutations: 0, changed: {}, longTasks: 0 }));
  return { page, cdp, slow, metrics, forget, close: () => context.close() };
}

// Figures.

const sorted = (values) => [...values].sort((a, b) => a - b);
const share = (values, q) => sorted(values)[Math.min(values.length - 1, Math.floor(q * values.length))];
const median = (values) => share(values, 0.5);
const fixed = (value, digits = 1) => (Number.isFinite(value) ? value.toFixed(digits) : "–");
const percent = (part, whole) => `${fixed((100 * part) / whole)} %`;

/** A table in text; the first row are the heads. The first column stands left, the others right. */
function table(rows) {
  const wide = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  const cell = (text, at) => (at === 0 ? String(text).padEnd(wide[at]) : String(text).padStart(wide[at]));
  return rows.map((row) => `  ${row.map(cell).join("  ")}`).join("\n");
}

function heading(text) {
  console.log(`\n${text}   (load of the machine: ${loadavg().map((one) => fixed(one)).join(" ")})`);
}

/** A part of the measurement that fails says so and leaves the others. */
async function tried(name, measure) {
  try {
    return await measure();
  } catch (error) {
    console.log(`  ${name}: not measured: ${error.message.split("\n")[0]}`);
    return null;
  }
}

// Frames.

const FRAME_HEADS = ["", "slower", "drawn/s", "program's/s", "median ms", "95 %", "worst", `> ${LATE[0]}`, `> ${LATE[1]}`, "long tasks", "work ms", "script ms", "style ms", "layout ms", "styles", "layouts", "changes"];

function frameRow(name, rate, { frames, drawn, longTasks, before, after }, mutations) {
  const gaps = frames.slice(1).map((frame, at) => frame - frames[at]);
  const passed = frames.at(-1) - frames[0];
  const of = (metric, digits, factor = 1) => fixed((factor * (after[metric] - before[metric])) / frames.length, digits);
  return [
    name,
    `${rate}×`,
    fixed((1000 * (drawn.length - 1)) / (drawn.at(-1) - drawn[0])),
    fixed((1000 * gaps.length) / passed),
    fixed(median(gaps)),
    fixed(share(gaps, 0.95)),
    fixed(Math.max(...gaps)),
    ...LATE.map((limit) => percent(gaps.filter((gap) => gap > limit).length, gaps.length)),
    longTasks,
    of("TaskDuration", 2, 1000),
    of("ScriptDuration", 2, 1000),
    of("RecalcStyleDuration", 2, 1000),
    of("LayoutDuration", 2, 1000),
    of("RecalcStyleCount", 2),
    of("LayoutCount", 2),
    mutations,
  ];
}

/** Lets frames pass for some seconds, or until the page asks for no more of them. */
async function frames(site, seconds) {
  const browser = site.page.context().browser();
  await browser.startTracing(site.page, { categories: ["disabled-by-default-devtools.timeline.frame"] });
  await site.forget();
  const before = await site.metrics();
  await site.page.waitForTimeout(seconds * 1000);
  const after = await site.metrics();
  const { frames, longTasks } = await site.page.evaluate(() => seen);
  const drawn = drawnFrames(JSON.parse(await browser.stopTracing()).traceEvents);
  if (frames.length < 2 || drawn.length < 2) throw new Error("no frames: it doesn't play");
  return { frames, drawn, longTasks, before, after };
}

/** When the browser drew, in milliseconds: the frames of the page that drew most of them. */
function drawnFrames(events) {
  const pages = new Map();
  for (const { name, args, ts } of events) {
    if (name === "DrawFrame") pages.set(args.layerTreeId, [...(pages.get(args.layerTreeId) ?? []), ts / 1000]);
  }
  return sorted([...pages.values()].sort((a, b) => b.length - a.length)[0] ?? []);
}

async function emptyRow(browser, address, rate) {
  const site = await fresh(browser);
  await site.page.goto(`${address}empty`);
  await site.slow(rate);
  await site.page.waitForTimeout(500);
  const row = frameRow("empty page, a square moves", rate, await frames(site, PLAY), "–");
  await site.close();
  return row;
}

async function play(site, address) {
  await site.slow(1);
  await open(site.page, address);
  await standAtStart(site.page);
  await site.page.waitForTimeout(700);
}

/** Its name, and whether this page knows of a second world. */
async function titled(page, { name, hash }) {
  const isOne = hash.includes("&w=") && (await page.locator(PART.host).count()) < 4;
  return isOne ? `${name} (shows one)` : name;
}

async function playRow(browser, address, scene, rate) {
  const site = await fresh(browser);
  await play(site, address + scene.hash);
  await site.slow(rate);
  const measured = frames(site, PLAY);
  await site.page.keyboard.press("Space");
  const figures = await measured;
  // The changes are counted apart, at full speed: to count them takes time too.
  await play(site, address + scene.hash);
  await site.page.evaluate(() => watchMutations());
  await site.forget();
  await site.page.keyboard.press("Space");
  await site.page.waitForTimeout((PLAY * 1000) / 2);
  const counted = await site.page.evaluate(() => ({ ...seen, frames: seen.frames.length }));
  const row = frameRow(await titled(site.page, scene), rate, figures, fixed(counted.mutations / counted.frames));
  await site.close();
  const most = Object.entries(counted.changed).sort(([, a], [, b]) => b - a).slice(0, 10);
  return { row, changed: most.map(([what, times]) => `${what} ${fixed(times / counted.frames, 2)}`).join(", ") };
}

async function measureFrames(browser, address, scenes) {
  heading(`frames: a scene plays from its start for ${PLAY} s at ${SIZE.width}×${SIZE.height}; ms and counts a frame`);
  const rates = [...new Set([1, SLOW])];
  const rows = [FRAME_HEADS];
  const changes = [];
  for (const rate of rates) rows.push(await emptyRow(browser, address, rate));
  for (const scene of scenes) {
    for (const rate of rates) {
      const one = await tried(scene.name, () => playRow(browser, address, scene, rate));
      if (one === null) continue;
      rows.push(one.row);
      if (rate === rates[0]) changes.push(`  ${one.row[0]}: ${one.changed}`);
    }
  }
  rows.push(["again: " + rows[rates.length][0], ...(await emptyRow(browser, address, SLOW)).slice(1)]);
  console.log(table(rows));
  const late = FRAME_HEADS.indexOf(`> ${LATE[0]}`);
  if (rows.some((row) => row[0].includes("empty") && parseFloat(row[late]) > 1)) {
    console.log("\n  The machine was busy: the empty page lost frames too. Only \"work ms\" and the counts can be relied on.");
  }
  console.log(`\n  what changes most, times a frame\n${changes.join("\n")}`);
}

// Paused.

async function pausedRow(browser, address, { name, hash, at }) {
  const site = await fresh(browser);
  const { page } = site;
  await open(page, address + hash);
  const title = await titled(page, { name, hash });
  await standAtStart(page);
  if (at !== "start") {
    await page.keyboard.press("Space");
    await page.waitForTimeout(1_500);
    await page.keyboard.press("Space");
  }
  // What the last act set off, such as writing the address, is over by then.
  await page.waitForTimeout(1_200);
  await page.evaluate(() => watchMutations());
  await site.forget();
  const before = await site.metrics();
  await page.waitForTimeout(2_000);
  const after = await site.metrics();
  const noted = await page.evaluate(() => ({
    ...seen,
    frames: seen.frames.length,
    motions: document.getAnimations().filter((one) => one.playState === "running").length,
  }));
  await site.close();
  const more = (metric) => after[metric] - before[metric];
  return [`${title}, ${at}`, noted.frames, noted.timers, noted.mutations, noted.motions, more("RecalcStyleCount"), more("LayoutCount"), fixed(more("ScriptDuration") * 1000, 2)];
}

async function measurePaused(browser, address, scenes) {
  heading("paused: what happens in 2 s while the page stands still");
  const rows = [["", "frames asked", "timers set", "changes", "CSS motions", "styles", "layouts", "script ms"]];
  for (const scene of scenes) {
    for (const at of ["start", "while it played"]) {
      const row = await tried(scene.name, () => pausedRow(browser, address, { ...scene, at }));
      if (row) rows.push(row);
    }
  }
  console.log(table(rows));
}

// Jumps and edits.

/** Does something and gives the milliseconds from the event's arrival to the end of its frame. */
async function timed(page, type, act) {
  const shown = page.evaluate(
    (type) =>
      new Promise((done) => {
        const note = (event) => {
          if (event.key === "Control") return;
          removeEventListener(type, note, { capture: true });
          const start = event.timeStamp;
          // After the event's own work, its frame; and after the frame, the next turn.
          ownFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => done(performance.now() - start);
            port2.postMessage(null);
          });
        };
        addEventListener(type, note, { capture: true });
        ownTimeout(() => done(NaN), 20_000);
      }),
    type,
  );
  await page.waitForTimeout(30);
  await act();
  return shown;
}

async function jumps(site) {
  const { page } = site;
  const clock = () => page.locator(PART.clock).first().innerText();
  const times = { scrub: [], key: [], step: [] };
  const check = async (kind, type, act) => {
    const before = await clock();
    times[kind].push(await timed(page, type, act));
    if ((await clock()) === before) throw new Error(`the clock stayed at ${before}`);
    await page.waitForTimeout(150);
  };
  const box = await page.locator(PART.scrub).first().boundingBox();
  for (const place of [0.95, 0.1, 0.6, 0.3, 0.85, 0.5]) {
    await check("scrub", "input", () => page.mouse.click(box.x + box.width * place, box.y + box.height / 2));
  }
  await page.locator(PART.stage).first().focus();
  for (const key of ["Home", "End", "Home", "End", "Home", "End"]) {
    await check("key", "keydown", () => page.keyboard.press(key));
  }
  for (let steps = 0; steps < 10; steps++) await check("step", "keydown", () => page.keyboard.press("ArrowLeft"));
  return times;
}

/** Drops a segment in flight by its menu and takes it back, again and again. */
async function edits(site) {
  const { page } = site;
  const times = { drop: [], undo: [] };
  for (let turns = 0; turns < 5; turns++) {
    await page.locator(PART.stage).first().focus();
    await page.keyboard.press("Home");
    // Another moment with a segment in flight each time.
    for (let flights = -1, steps = 0; flights < turns && steps < 60; steps++) {
      await page.keyboard.press("ArrowRight");
      if ((await page.locator(PART.chip).count()) > 0) flights++;
    }
    await page.locator(PART.chip).first().click();
    const drop = page.getByRole("button", { name: "Drop it" }).or(page.getByRole("menuitem", { name: "Drop it" })).first();
    await drop.waitFor({ timeout: 5_000 });
    const { x, y, width, height } = await drop.boundingBox();
    times.drop.push(await timed(page, "click", () => page.mouse.click(x + width / 2, y + height / 2)));
    await page.waitForTimeout(150);
    times.undo.push(await timed(page, "keydown", () => page.keyboard.press("Control+z")));
    await page.waitForTimeout(150);
  }
  return times;
}

async function measureJumps(browser, address, scenes) {
  heading("jump: ms from the event to the end of the frame that shows it");
  const rows = [["", "slower", "act", "times", "median", "worst"]];
  for (const scene of scenes) {
    for (const rate of [...new Set([1, SLOW])]) {
      const site = await fresh(browser);
      await open(site.page, address + scene.hash);
      const title = await titled(site.page, scene);
      await standAtStart(site.page);
      await site.slow(rate);
      for (const measure of [jumps, edits]) {
        const times = await tried(`${title}, ${measure.name}`, () => measure(site));
        for (const [act, all] of Object.entries(times ?? {})) {
          rows.push([title, `${rate}×`, act, all.length, fixed(median(all)), fixed(Math.max(...all))]);
        }
      }
      await site.close();
    }
  }
  console.log(table(rows));
}

// The first visit.

/** Runs in the page: notes when the program's own host is there, and when a key changes the clock. */
function watchStart({ host, clock }) {
  const noted = { host: NaN, key: NaN };
  globalThis.noted = noted;
  const said = () => document.querySelector(clock)?.textContent;
  let before;
  addEventListener("keydown", () => (before = noted.host > 0 ? said() : undefined), { capture: true });
  // What follows from a key follows in the same turn; a frame of a playing scene can't.
  const look = (turns) => {
    if (said() !== before) noted.key = performance.now();
    else if (turns > 0) Promise.resolve().then(() => look(turns - 1));
  };
  addEventListener("keydown", () => before !== undefined && !(noted.key > 0) && look(20));
  const watch = new MutationObserver(() => {
    if (document.querySelector(host) === null || said() === undefined) return;
    watch.disconnect();
    noted.host = performance.now();
  });
  watch.observe(document, { subtree: true, childList: true });
}

/** Somebody presses a key, again and again, until it does something. Nobody waits for the page between
 * two presses: the next one lies ready when it has time for it. */
async function pressUntilUsable(page, cdp) {
  const key = { key: "ArrowRight", code: "ArrowRight", windowsVirtualKeyCode: 39 };
  // Between two pages there is nobody to press it on.
  const press = (type) => cdp.send("Input.dispatchKeyEvent", { type, ...key }).catch(() => {});
  const pressing = setInterval(() => ["rawKeyDown", "keyUp"].forEach(press), 15);
  try {
    await page.waitForFunction(() => globalThis.noted?.key > 0, null, { polling: 200, timeout: 60_000 });
  } finally {
    clearInterval(pressing);
  }
}

async function visit(address) {
  // A browser of its own: no cache of any kind is warm.
  const browser = await launch();
  try {
    const site = await fresh(browser);
    const { page, cdp } = site;
    await page.addInitScript(watchStart, { host: PART.host, clock: PART.clock });
    await cdp.send("Network.enable");
    await cdp.send("Network.setCacheDisabled", { cacheDisabled: false });
    await cdp.send("Network.emulateNetworkConditions", { offline: false, ...LINE });
    await site.slow(SLOW);
    const requests = new Map();
    cdp.on("Network.requestWillBeSent", ({ requestId, request, timestamp }) => {
      if (!request.url.startsWith("data:")) requests.set(requestId, { url: request.url, start: timestamp });
    });
    cdp.on("Network.responseReceived", ({ requestId, timestamp }) => {
      if (requests.has(requestId)) requests.get(requestId).head = timestamp;
    });
    cdp.on("Network.loadingFinished", ({ requestId, timestamp, encodedDataLength }) => {
      if (requests.has(requestId)) Object.assign(requests.get(requestId), { end: timestamp, octets: encodedDataLength });
    });
    await page.goto(address, { waitUntil: "commit" });
    await pressUntilUsable(page, cdp);
    await page.waitForTimeout(1_500);
    const times = await page.evaluate(() => {
      const paint = (name) => performance.getEntriesByName(name)[0]?.startTime ?? NaN;
      return { ...noted, paint: paint("first-paint"), content: paint("first-contentful-paint"), longTasks: seen.longTasks };
    });
    const list = [...requests.values()].sort((a, b) => a.start - b.start);
    const zero = list[0]?.start ?? 0;
    const ms = (time) => (time - zero) * 1000;
    times.requests = list.map(({ url, start, head, end, octets }) => ({
      name: url.slice(address.length) || "(the page)",
      octets,
      start: ms(start),
      head: ms(head),
      end: ms(end),
    }));
    times.usable = Math.max(times.content, times.key);
    return times;
  } finally {
    await browser.close();
  }
}

async function measureStart(address) {
  heading(`start: ${RUNS} first visits; ${LINE.latency} ms a request, 1.6 Mbit/s down, 750 kbit/s up, brotli 11, main thread ${SLOW}× slower`);
  const visits = [];
  for (let runs = 0; runs < RUNS; runs++) {
    const one = await tried(`visit ${runs + 1}`, () => visit(address));
    if (one) visits.push(one);
  }
  if (visits.length === 0) return;
  const rows = [["ms from the address to", "median", "worst"]];
  const row = (name, key) => rows.push([name, fixed(median(visits.map((one) => one[key])), 0), fixed(Math.max(...visits.map((one) => one[key])), 0)]);
  row("the program's first host in the document", "host");
  row("the first paint, be it the ground alone", "paint");
  row("the first paint of content, be it the poster", "content");
  row("a key that changes the clock", "key");
  row("usable: the later of content and key", "usable");
  console.log(table(rows));
  const middle = median(visits.map((one) => one.usable));
  const { requests } = visits.find((one) => one.usable === middle) ?? visits[0];
  const line = ({ name, octets, start, head, end }) => [name, octets ?? "–", fixed(start, 0), fixed(head, 0), fixed(end, 0), fixed(head - start, 0)];
  console.log("\n  the requests of the median visit, ms from the first of them; octets with their heads");
  console.log(table([["", "octets", "start", "answer", "end", "waited"], ...requests.map(line)]));
}

const given = process.argv.slice(2).map((state) => {
  const at = state.indexOf("=");
  return { name: state.slice(0, at), hash: `#${state.slice(at + 1).replace(/^#/, "")}` };
});
const scenes = given.length > 0 ? given : SCENES;
const site = await serve();
const browser = await launch();
try {
  console.log(`Chromium ${browser.version()}, ${process.platform}`);
  if (PARTS.includes("frames")) await measureFrames(browser, site.address, scenes);
  if (PARTS.includes("paused")) await measurePaused(browser, site.address, scenes);
  if (PARTS.includes("jump")) await measureJumps(browser, site.address, scenes);
  if (PARTS.includes("start")) await measureStart(site.address);
} finally {
  await browser.close();
  site.stop();
}
