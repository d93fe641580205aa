// How the browser tests run: in the machine's own Chromium, against demos that the tests start themselves.
import { execFileSync } from "node:child_process";

import { defineConfig } from "@playwright/test";

/** Chromium: the one named by CHROMIUM, else the one that is installed. */
function chromium(): string {
  return process.env["CHROMIUM"] ?? execFileSync("which", ["chromium"], { encoding: "utf8" }).trim();
}

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
    {
      name: "chromium",
      use: {
        browserName: "chromium",
        launchOptions: {
          executablePath: chromium(),
          args: [
            "--no-sandbox",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--disable-quic",
          ],
        },
      },
    },
  ],
});
