// In Firefox too, what the document hints at is what the page asks for: nothing is read twice.
import { expect } from "@playwright/test";

import { Counted } from "../support/counted.ts";
import { buyPath } from "../support/fixtures.ts";
import { LANGS } from "../support/texts.ts";
import { test } from "./browser.ts";

for (const lang of LANGS) {
  test(`first answers are asked for once, ${lang}`, async ({ visit, demo }) => {
    const counted = await Counted.start(demo.origin);
    try {
      const shown = await visit(`${counted.origin}${buyPath()}`, lang);
      await shown.loaded();
      expect(await shown.page.$$eval("link[rel=preload][href^='./api/']", (links) => links.length)).toBe(6);
      const reads = counted.reads();
      expect(Object.keys(reads).length).toBeGreaterThan(6);
      expect(reads).toEqual(Object.fromEntries(Object.keys(reads).map((read) => [read, 1])));
    } finally {
      await counted.stop();
    }
  });
}
