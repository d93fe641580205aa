// How the tests in WebKit run. Playwright is only the runner here: they are to pass in the WebKit that Debian ships, which
// `browser.ts` drives over WebDriver.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.ts",
  outputDir: "../test-results/webkit",
  forbidOnly: !!process.env["CI"],
  retries: process.env["CI"] ? 1 : 0,
  workers: 1,
  // Generous: the machine may be compiling at the same time. No test waits for a time to pass.
  timeout: 120_000,
  reporter: [["list"], ["../support/closing-line.ts"]],
});
