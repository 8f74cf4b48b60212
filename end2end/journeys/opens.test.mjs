// The page opens: at the root of a server and in any folder of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { onStage } from "../stage.mjs";

async function opens(page, address) {
  await page.goto(address);
  await page.getByRole("heading", { level: 1 }).waitFor();
  assert.equal(await page.locator("#boot-failed").isVisible(), false);
}

test("the page opens with its heading", () => onStage(opens));

test("the page opens in a folder of the server", () => onStage(opens, { under: "/any/folder/" }));

test("a page whose WebAssembly cannot be had says so", () =>
  onStage(
    async (page, address) => {
      await page.route("**/*.wasm", (route) => route.abort());
      await page.goto(address);
      await page.locator("#boot-failed").getByText("could not start").waitFor();
    },
    { context: { locale: "en-GB" }, expected: /ERR_FAILED|Failed to fetch|WebAssembly/ },
  ));
