// A new version is deployed under an open tab: the files of the page are other ones, by other names. The tab goes on with what
// it has, or says that it has to be loaded anew; it never waits for ever.
import { cpSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { buyNow, buyPath, expect, expectLoaded, expectPlaced, option, order, review, test } from "../support/fixtures.ts";
import { rows } from "../support/orders.ts";

const BUILT = process.env["DESKBUY_PAGE"] ?? fileURLToPath(new URL("../../dist", import.meta.url));

/** A copy of the page, and what puts the next version in its place: the same files by other names. */
function deployed(folder: string): { folder: string; deploy: () => void } {
  cpSync(BUILT, folder, { recursive: true });
  // Without the compressed copies, which would tell the old names.
  const deploy = () => {
    const hashes = new Set<string>();
    for (const name of readdirSync(folder)) for (const [hash] of name.matchAll(/[0-9a-f]{16}/g)) hashes.add(hash);
    const next = (text: string) => [...hashes].reduce((text, hash) => text.replaceAll(hash, [...hash].reverse().join("")), text);
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (/\.(html|js)$/.test(name)) writeFileSync(path, next(readFileSync(path, "utf8")));
      renameSync(path, join(folder, next(name)));
    }
  };
  return { folder, deploy };
}

test("a new version under an open tab: the tab buys, and says what it needs to show the list of orders", async ({ open, startDemo, tolerate }, info) => {
  tolerate(/status of 404|_demand\.wasm/);
  const { folder, deploy } = deployed(info.outputPath("page"));
  const demo = await startDemo("--page", folder);
  const { page, t } = await open(buyPath(), { of: demo });
  await expectLoaded(page, t);
  await option(page, t.user, "zhang.san").click();
  deploy();
  await order(page, t);
  await expectPlaced(page, t);
  await page.getByRole("navigation").getByRole("link", { name: t.orders, exact: true }).click();
  // The list is in a module of the old version, which the server has no more.
  await page.getByRole("link", { name: "重新加载", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: t.orders })).toBeVisible();
  await expect(rows(page)).toHaveCount(1);
  expect((await demo.state()).desktops).toHaveLength(1);
});

test("a new version before the tab had all of the old one: it says so, and loads the new one where one was", async ({ open, startDemo, tolerate }, info) => {
  tolerate(/status of 404|before that module had arrived|integrity|Failed to load resource|deferred/);
  const { folder, deploy } = deployed(info.outputPath("page"));
  expect(readdirSync(folder).filter((name) => name.endsWith("_deferred.wasm")), "parts of a page that is split").toHaveLength(1);
  const demo = await startDemo("--page", folder);
  let go = (): void => undefined;
  const held = new Promise<void>((resolve) => (go = resolve));
  const { page, t } = await open(buyPath(), {
    of: demo,
    before: (page) => page.route("**/*_deferred.wasm", (route) => held.then(() => route.continue())),
  });
  await expectLoaded(page, t);
  deploy();
  go();
  await page.getByRole("link", { name: "重新加载", exact: true }).click();
  await expectLoaded(page, t);
  await option(page, t.user, "zhang.san").click();
  await buyNow(page, t).click();
  await expect(review(page, t)).toContainText("zhang.san");
});
