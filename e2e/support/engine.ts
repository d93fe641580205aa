// How the tests in an engine other than Chromium run. Playwright is only the runner there: its own builds of Firefox and WebKit
// are changed ones, and these tests are to pass in the browsers that Debian ships, which each folder's `browser.ts` drives.
import { defineConfig, type PlaywrightTestConfig } from "@playwright/test";

/** The settings of an engine's folder. */
export function engine(name: string): PlaywrightTestConfig {
  return defineConfig({
    testDir: `../${name}`,
    testMatch: "*.spec.ts",
    outputDir: `../test-results/${name}`,
    forbidOnly: !!process.env["CI"],
    retries: process.env["CI"] ? 1 : 0,
    workers: 1,
    // Generous: the machine may be compiling at the same time. No test waits for a time to pass.
    timeout: 120_000,
    reporter: [["list"], ["../support/closing-line.ts"]],
  });
}
