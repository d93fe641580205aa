// How the browser tests run: in the machine's own Chromium, against demos that the tests start themselves. Most of them run in its
// headless shell, which is the same engine without the windows around it: two fifths less processor time for each test. Purchases
// run in the whole browser too. Where the shell is not installed, all tests run in the whole browser.
import { execFileSync } from "node:child_process";

import { defineConfig } from "@playwright/test";

/** The first of these programs that is installed, unless the variable CHROMIUM names one. */
function installed(...programs: string[]): string {
  const search = programs.map((program) => `command -v ${program}`).join(" || ");
  return process.env["CHROMIUM"] ?? execFileSync("sh", ["-c", search], { encoding: "utf8" }).trim();
}

const args = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
];

const shell = installed("chromium-headless-shell", "chromium");
const whole = installed("chromium");

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  fullyParallel: true,
  forbidOnly: !!process.env["CI"],
  // None where a person looks: a test that fails now and then is a defect. A CI run says `flaky` and goes on.
  retries: process.env["CI"] ? 1 : 0,
  workers: 2,
  // Generous: the machine may be compiling at the same time. No test waits for a time to pass.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [["list"], ["./support/closing-line.ts"]],
  // A trace of each test is a fifth of the whole time, so there is one of a second try. `--trace on` gives it at the first.
  use: { actionTimeout: 15_000, trace: "on-first-retry", screenshot: "only-on-failure" },
  projects: [
    { name: "chromium", use: { browserName: "chromium", launchOptions: { executablePath: shell, args } } },
    ...(shell === whole ? [] : [{
      name: "whole browser",
      testMatch: "purchase.spec.ts",
      use: { browserName: "chromium" as const, launchOptions: { executablePath: whole, args } },
    }]),
  ],
});
