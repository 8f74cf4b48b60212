// The adversary off the page: it searches in slices, tells how far it is, and listens in between. The
// page sends a number and the words of a job (src/adversary/job.rs), parted by a blank; a new job takes
// the place of the one before, and an empty one stops it. Back come the job's number, how long it has
// searched in milliseconds, the octets of its memory, and a report as JSON. The report is empty where
// the words are no job that can be searched; where there is none, this program has failed.

/** How long a slice may take, and how often the page is told, in milliseconds. */
const SLICE = 25;
const TELL = 100;

const loaded = fetch(new URL("./EXPLORER", location.href))
  // Only a server that knows wasm may stream it, and any may serve this page.
  .then((answer) => (answer.ok ? answer.arrayBuffer() : Promise.reject(new Error(`${answer.status} ${answer.url}`))))
  .then((octets) => WebAssembly.instantiate(octets, {}))
  .then(({ instance }) => instance.exports);

/** The job that is being done. */
let current = "";

addEventListener("message", async ({ data }) => {
  const [, job, words] = /^(\d+) (.*)$/.exec(data);
  current = job;
  try {
    await work(job, words, await loaded);
  } catch (error) {
    postMessage(`${job} 0 0`);
    throw error;
  }
});

async function work(job, words, explorer) {
  if (words === "") return;
  // Somebody else may have come while the program did.
  if (current !== job) return;
  const text = new TextEncoder().encode(words);
  const place = explorer.room(text.length) >>> 0;
  new Uint8Array(explorer.memory.buffer, place, text.length).set(text);
  if (explorer.begin() === 0) return postMessage(`${job} 0 0 `);
  let [states, took, told, over] = [500, 0, 0, false];
  while (!over && current === job) {
    const begins = performance.now();
    over = explorer.go_on(states) !== 0;
    const lasted = performance.now() - begins;
    took += lasted;
    // What comes next may be slower: at most twice as many at once.
    states = Math.max(16, Math.min(states * 2, Math.round((states * SLICE) / Math.max(lasted, 0.1))));
    if (over || took - told >= TELL) {
      told = took;
      tell(job, explorer, took);
    }
    await turn();
  }
}

function tell(job, explorer, took) {
  const begins = explorer.report_ptr() >>> 0;
  const report = new Uint8Array(explorer.memory.buffer, begins, explorer.report_len() >>> 0);
  const octets = explorer.memory.buffer.byteLength;
  postMessage(`${job} ${Math.round(took)} ${octets} ${new TextDecoder().decode(report)}`);
}

/** Lets a message in. A timer of 0 would wait 4 ms after a few turns. Where a new job came in, the turn
 * is that job's, and the one before never goes on. */
const channel = new MessageChannel();
let goOn = null;
channel.port1.onmessage = () => goOn();
function turn() {
  return new Promise((done) => {
    goOn = done;
    channel.port2.postMessage(0);
  });
}
