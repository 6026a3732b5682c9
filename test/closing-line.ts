import type { Reporter, TestModule } from "vitest/node";

/**
 * Ends the run with one plain line, and fails it when a test was skipped: what was not run proves nothing. What passed only when
 * it was tried again is named: it is no failure of the run, but a fault of the test or of the product.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        counts[test.result().state]++;
        if (test.diagnostic()?.flaky)
          process.stdout.write(`TRIED TWICE: ${module.relativeModuleId} > ${test.fullName}\n`);
      }
      if (module.state() === "failed" && !module.children.allTests().next().value) counts.failed++;
    }
    const skipped = counts.skipped + counts.pending;
    if (skipped > 0) process.exitCode = 1;
    process.stdout.write(
      `${counts.passed} passed, ${counts.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`,
    );
  }
}
