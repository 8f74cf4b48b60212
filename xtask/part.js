// How the page fetches and starts the part of its program that comes later: esbuild puts these in the
// place of the browser's own calls in the script that wasm-split writes (xtask/src/split.rs).

const { console, fetch, WebAssembly } = globalThis;

export {
  fetchPart as "fetch",
  instantiatePart as "WebAssembly.instantiateStreaming",
  tell as "console.error",
};

/** The names of the parts in dist/. */
const names = JSON.parse(PARTS);

/** Fetches a part by that name. */
const fetchPart = (address) => fetch(new URL(names[address.pathname.split("/").at(-1)], address));

/** Starts it. Only a server that knows wasm may stream it, and any may serve this page. */
const instantiatePart = async (answer, imports) =>
  WebAssembly.instantiate(await (await answer).arrayBuffer(), imports);

/** Who leaves the page while a part comes breaks it off, and that is no error. */
const tell = (error) => console.info(error);
