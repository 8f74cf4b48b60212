// The engine itself, beside the page: what a journey reads on the screen is held against the trace of
// what the address holds. `cargo xtask test` builds it and says where it is (ENGINE).

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const USUAL = "../target/wasm32-unknown-unknown/release/wasm_traces.wasm";

/** The lines of the trace of what an address shows, in its first world (0) or in the other one (1). */
export async function traceOf(address, world = 0) {
  const file = process.env.ENGINE ?? fileURLToPath(new URL(USUAL, import.meta.url));
  const { instance } = await WebAssembly.instantiate(await readFile(file), {});
  const { memory, room, run_ptr, run_len } = instance.exports;
  const link = new TextEncoder().encode(new URL(address).hash);
  const place = room(link.length) >>> 0;
  new Uint8Array(memory.buffer, place, link.length).set(link);
  const begins = run_ptr(world) >>> 0;
  const trace = new Uint8Array(memory.buffer, begins, run_len() >>> 0);
  return new TextDecoder().decode(trace).split("\n");
}
