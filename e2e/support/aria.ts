// Comparing what a screen reader is given with what was agreed. Playwright's matcher compares; the files are written
// here, since it would put patterns in the place of numbers, and take a missing file for one that anything fits.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect, type Locator, test } from "@playwright/test";

const folder = fileURLToPath(new URL("../aria/", import.meta.url));

/** Fails unless the part of the page is, to the last member, what `e2e/aria` has under the name. */
export async function expectAriaOf(part: Locator, name: string): Promise<void> {
  const file = `${folder}${name}.yml`;
  if (test.info().config.updateSnapshots === "changed" || test.info().config.updateSnapshots === "all") {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, `${await part.ariaSnapshot()}\n`);
  }
  expect(existsSync(file), `${file} exists`).toBe(true);
  await expect(part).toMatchAriaSnapshot(`- /children: deep-equal\n${readFileSync(file, "utf8")}`);
}
