// A static file server for dist/, for `cargo xtask serve` and for the journeys.
// It does no more than any host of static files does, so that what works here works there.
//
//   node end2end/server.mjs FOLDER [PORT]     PORT 0, the default, takes a free one

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".wasm": "application/wasm",
  ".json": "application/json; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};

/** The file that an address stands for, or null where the address leaves the folder. */
function fileFor(folder, under, address) {
  let path;
  try {
    path = decodeURIComponent(new URL(address, "http://localhost").pathname);
  } catch {
    return null;
  }
  if (!path.startsWith(under)) return null;
  const inside = path.slice(under.length);
  const file = resolve(folder, inside === "" || inside.endsWith("/") ? `${inside}index.html` : inside);
  return file.startsWith(folder + sep) ? file : null;
}

async function answer(folder, under, request, response) {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD" }).end();
    return;
  }
  const file = fileFor(folder, under, request.url);
  try {
    if (file === null) throw new Error("outside");
    const body = await readFile(file);
    // no-cache: after a rebuild, a reload must show the new page.
    response.writeHead(200, {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "content-length": body.length,
      "cache-control": "no-cache",
    });
    response.end(request.method === "HEAD" ? undefined : body);
  } catch {
    response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("Not found\n");
  }
}

/**
 * Serves `folder` on 127.0.0.1, below the path `under` ("/" or "/some/folder/").
 * Resolves to the address of the page and a function that stops the server.
 */
export function serve(folder, { port = 0, under = "/" } = {}) {
  const root = resolve(folder);
  const server = createServer((request, response) => answer(root, under, request, response));
  return new Promise((done, failed) => {
    server.once("error", failed);
    server.listen(port, "127.0.0.1", () => {
      const address = `http://127.0.0.1:${server.address().port}${under}`;
      const stop = () =>
        new Promise((closed) => {
          server.close(closed);
          server.closeAllConnections();
        });
      done({ address, stop });
    });
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [folder = "dist", port = "0"] = process.argv.slice(2);
  try {
    const { address } = await serve(folder, { port: Number(port) });
    console.log(address);
  } catch (error) {
    console.error(`cannot serve ${folder}: ${error.message}`);
    process.exitCode = 1;
  }
}
