// Looking for barriers with axe-core, which is run inside the page: a script tag would be refused by its policy.
import { createRequire } from "node:module";

import { expect, type Page } from "@playwright/test";
import type { AxeResults, RunOptions } from "axe-core";

const { source } = createRequire(import.meta.url)("axe-core") as { source: string };

/** WCAG 2.2 AA, and those of axe's best practices that hold for this page in every state. */
const OPTIONS: RunOptions = {
  runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] },
  rules: {
    "heading-order": { enabled: true },
    "landmark-one-main": { enabled: true },
    "landmark-unique": { enabled: true },
    "page-has-heading-one": { enabled: true },
    "target-size": { enabled: true },
  },
  resultTypes: ["violations"],
  preload: false,
};

/** Fails with a readable list if the page as it is now has a barrier. */
export async function expectAccessible(page: Page): Promise<void> {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(source);
  const results = (await page.evaluate(`axe.run(${JSON.stringify(OPTIONS)})`)) as AxeResults;
  const barriers = results.violations.map(({ id, impact, help, nodes }) => {
    const where = nodes.map(({ target, failureSummary }) => `    ${target.join(" ")}\n      ${failureSummary ?? ""}`);
    return `${id} (${impact ?? "?"}): ${help}\n${where.slice(0, 5).join("\n")}`;
  });
  expect(barriers.join("\n"), "barriers that axe found").toBe("");
}
