// How the tests in Firefox run. Playwright is only the runner here: its own Firefox is a changed build, and these are to
// pass in the one that people have, which `browser.ts` drives over WebDriver BiDi.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.ts",
  outputDir: "../test-results/firefox",
  forbidOnly: !!process.env["CI"],
  retries: process.env["CI"] ? 1 : 0,
  workers: 1,
  // Generous: the machine may be compiling at the same time. No test waits for a time to pass.
  timeout: 120_000,
  reporter: [["list"], ["../support/closing-line.ts"]],
});
