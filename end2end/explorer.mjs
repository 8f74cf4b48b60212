// How fast the adversary is in a browser, against the same search natively, one after the other on one
// machine, several times: the page's own worker of dist/ in Chromium, and examples/theorem.rs, compiled
// with the same options.
//
//   node end2end/explorer.mjs [ROUNDS]     (after `cargo xtask build`)

import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { launch } from "./browser.mjs";
import { serve } from "./server.mjs";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const JOBS = ["theorem", "theorem without-restart", "lengths"];
const rounds = Number(process.argv[2] ?? 5);
const cargo = ["run", "--quiet", "--profile", "explorer", "--package", "time-wait-lab", "--no-default-features", "--example", "theorem", "--"];

/** States and seconds of a job, natively. */
function natively(job) {
  const said = execFileSync("cargo", [...cargo, "--time", job], { cwd: at(".."), encoding: "utf8" });
  return said.trim().split(" ").map(Number);
}

/** The same in the browser: states, seconds of searching, octets of memory. */
function inBrowser(page, file, job) {
  return page.evaluate(
    ([file, job]) =>
      new Promise((done, failed) => {
        const worker = new Worker(file);
        worker.addEventListener("error", failed);
        worker.addEventListener("message", ({ data }) => {
          const [, took, octets, report] = /^\d+ (\d+) (\d+) (.*)$/.exec(data);
          const { is_over, tried } = JSON.parse(report);
          if (!is_over) return;
          worker.terminate();
          done([tried.states, Number(took) / 1_000, Number(octets)]);
        });
        worker.postMessage(`1 ${job}`);
      }),
    [file, job],
  );
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const site = await serve(at("../dist"));
const browser = await launch();
try {
  const page = await browser.newPage();
  await page.goto(site.address);
  const file = readdirSync(at("../dist")).find((name) => /^worker-.*\.js$/.test(name));
  console.log("job                          states   native/s  browser/s   share    MiB");
  for (const job of JOBS) {
    const pairs = [];
    for (let round = 0; round < rounds; round += 1) {
      const [states, seconds] = natively(job);
      const [same, took, octets] = await inBrowser(page, file, job);
      if (states !== same) throw new Error(`${job}: ${states} states natively, ${same} in the browser`);
      pairs.push({ states, native: states / seconds, browser: states / took, share: seconds / took, octets });
    }
    const of = (name) => median(pairs.map((pair) => pair[name]));
    const [native, rate] = [of("native"), of("browser")].map((number) => Math.round(number).toLocaleString("en-GB").padStart(10));
    const share = `${Math.round(of("share") * 100)} %`.padStart(7);
    console.log(`${job.padEnd(24)} ${String(of("states")).padStart(10)} ${native} ${rate} ${share} ${String(Math.round(of("octets") / 2 ** 20)).padStart(6)}`);
  }
} finally {
  await browser.close();
  await site.stop();
}
