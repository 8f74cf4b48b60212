// The page opens: at the root of a server and in any folder of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PART } from "../checks.mjs";
import { until } from "../person.mjs";
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

test("of inline scripts and styles only the page's own are allowed", () =>
  onStage(
    async (page, address) => {
      const added = `<style>body{visibility:hidden}</style><script>globalThis.added=1</script><script type="module">globalThis.added=2</script><p onclick="globalThis.added=3" style="position:fixed">click</p>`;
      await page.route(address, async (route) => {
        const response = await route.fetch();
        const body = (await response.text()).replace("</body>", () => `${added}</body>`);
        await route.fulfill({ response, body });
      });
      await opens(page, address);
      await page.locator("p", { hasText: /^click$/ }).dispatchEvent("click");
      const seen = await page.evaluate(() => [globalThis.added, getComputedStyle(document.body).visibility, getComputedStyle(document.querySelector("p[onclick]")).position]);
      assert.deepEqual(seen, [undefined, "visible", "static"]);
    },
    { expected: /Content Security Policy/ },
  ));

for (const [what, change] of [
  ["the script", (body) => body.replace("</script>", ";</script>")],
  ["the style", (body) => body.replace("</style>", " </style>")],
  ["both", (body) => body.replace("</script>", ";</script>").replace("</style>", " </style>")],
]) {
  test(`a page that was changed on its way isn't blank: ${what}`, () =>
    onStage(
      async (page, address) => {
        await page.route(address, async (route) => {
          const response = await route.fetch();
          await route.fulfill({ response, body: change(await response.text()) });
        });
        await page.goto(address);
        if (what === "the style") return page.getByRole("heading", { level: 1 }).waitFor();
        // Nobody here waits ten seconds for it.
        await page.evaluate(() => document.getAnimations().forEach((one) => one.finish()));
        await page.locator("#boot-failed").getByText("could not start").waitFor();
      },
      { context: { locale: "en-GB" }, expected: /Content Security Policy/ },
    ));
}

test("a key that is pressed before the first frame is the stage's already", () =>
  onStage(async (page, address) => {
    await page.addInitScript(() => {
      const ask = globalThis.requestAnimationFrame.bind(globalThis);
      const held = [];
      globalThis.requestAnimationFrame = (work) => (globalThis.comes ? ask(work) : held.push(work));
      globalThis.come = () => {
        globalThis.comes = true;
        held.forEach(ask);
      };
    });
    await page.goto(address);
    await page.locator(PART.host).first().waitFor();
    const seen = () => page.evaluate(() => [document.querySelector("body > main .clock").textContent, document.activeElement.localName]);
    const [before] = await seen();
    await page.keyboard.press("ArrowRight");
    const [after, focus] = await until(seen, ([clock]) => assert.notEqual(clock, before));
    assert.equal(focus, "body");
    await page.evaluate(() => come());
    await until(seen, (now) => assert.deepEqual(now, [after, "main"]));
    // From then on keys are the stage's only where it has the focus.
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("ArrowRight");
    await page.waitForTimeout(200);
    assert.deepEqual(await seen(), [after, "body"]);
  }));
