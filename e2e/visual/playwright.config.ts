// Pictures of the page's states, compared with those that another build gave. `tools/visual.sh` runs this twice; it is no
// test, since pictures change with fonts and browsers.
import { defineConfig } from "@playwright/test";

import tests from "../playwright.config.ts";

const folder = process.env["DESKBUY_VISUAL"] ?? "../target/visual";

export default defineConfig({
  ...tests,
  testDir: ".",
  outputDir: `${folder}/results`,
  snapshotPathTemplate: `${folder}/base/{arg}{ext}`,
  retries: 0,
  reporter: [["line"], ["html", { outputFolder: `${folder}/report`, open: "never" }]],
  expect: { timeout: 15_000, toHaveScreenshot: { animations: "disabled", caret: "hide" } },
});
