// Holds that the engine in wasm gives, octet for octet, the traces of the golden files, which the
// native tests hold as well: so what the page shows is what was tested.
//
//   node tests/wasm/compare.mjs WASM GOLDEN-FOLDER

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

const [wasmFile, golden] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(await readFile(wasmFile), {});
const { memory, count, name_ptr, name_len, trace_ptr, trace_len } = instance.exports;

/** A copy of octets in the wasm memory; its buffer is asked for last, since a call may move it. */
function octets(pointer, length) {
  return Buffer.from(new Uint8Array(memory.buffer, pointer >>> 0, length >>> 0));
}

/** What is wrong with a trace, or null. */
function difference(found, wanted) {
  if (found.equals(wanted)) return null;
  const ours = found.toString().split("\n");
  const theirs = wanted.toString().split("\n");
  const line = ours.findIndex((text, place) => text !== theirs[place]);
  const at = line < 0 ? ours.length : line;
  return `line ${at + 1}\n  golden: ${theirs[at] ?? "(end)"}\n  wasm:   ${ours[at] ?? "(end)"}`;
}

const failures = [];
const names = [];
for (let scene = 0; scene < count(); scene += 1) {
  const name = octets(name_ptr(scene), name_len(scene)).toString();
  names.push(`${name}.trace`);
  const found = octets(trace_ptr(scene), trace_len(scene));
  const wanted = await readFile(join(golden, `${name}.trace`)).catch(() => null);
  const wrong = wanted === null ? "has no golden file" : difference(found, wanted);
  if (wrong) failures.push(`${name}: ${wrong}`);
}
// A golden file without a scene would be a test that never runs.
for (const file of await readdir(golden)) {
  if (file.endsWith(".trace") && !names.includes(file)) failures.push(`${file}: no such scene`);
}
if (names.length === 0) failures.push("there is no scene");

for (const failure of failures) console.error(failure);
console.log(`${names.length} scenes in wasm against ${golden}: ${failures.length} differences`);
process.exitCode = failures.length > 0 ? 1 : 0;
