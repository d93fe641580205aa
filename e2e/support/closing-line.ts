// A reporter that ends the run with one plain line of counts, for scripts to read, and with the names of what failed.
import { appendFileSync } from "node:fs";

import type { FullResult, Reporter, Suite } from "@playwright/test/reporter";

export default class ClosingLine implements Reporter {
  #suite: Suite | undefined;

  onBegin(_config: unknown, suite: Suite): void {
    this.#suite = suite;
  }

  onEnd(result: FullResult): void {
    const count = { expected: 0, flaky: 0, unexpected: 0, skipped: 0 };
    for (const test of this.#suite?.allTests() ?? []) {
      // A test that never began, because the run was broken off, has not passed.
      const ran = test.results.length > 0;
      count[ran || test.expectedStatus === "skipped" ? test.outcome() : "unexpected"] += 1;
    }
    // An error outside any test fails the run too, and must not read as success.
    const failed = count.unexpected || (result.status === "passed" ? 0 : 1);
    process.stdout.write(`${count.expected + count.flaky} passed, ${failed} failed, ${count.skipped} skipped\n`);
    this.#list();
  }

  /** Appends failed and flaky tests to the file named by E2E_FAILED_LIST. */
  #list(): void {
    const file = process.env["E2E_FAILED_LIST"];
    if (!file) return;
    for (const test of this.#suite?.allTests() ?? []) {
      const outcome = test.outcome();
      if (test.results.length === 0 || (outcome !== "unexpected" && outcome !== "flaky")) continue;
      const error = (test.results[0]?.error?.message ?? "").replace(/\u001b\[\d+m/g, "").replace(/\s+/g, " ");
      const place = `${test.location.file.split("/").pop()}:${test.location.line}`;
      appendFileSync(file, `${outcome === "flaky" ? "flaky" : "failed"}  ${place}  ${test.title}: ${error.slice(0, 240)}\n`);
    }
  }

  printsToStdio(): boolean {
    return false;
  }
}
