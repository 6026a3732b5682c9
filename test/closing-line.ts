import type { Reporter, TestCase, TestModule } from "vitest/node";

/**
 * Ends the run with one plain line, and fails it when a test was skipped: what was not run proves nothing. What passed only when
 * it was tried again is named, with its error: it is no failure of the run, but a fault of the test or of the product.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result();
        counts[state]++;
        if (test.diagnostic()?.flaky)
          process.stdout.write(`TRIED TWICE: ${module.relativeModuleId} > ${test.fullName}${told(errors)}\n`);
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

type Errors = ReturnType<TestCase["result"]>["errors"];

/** What was expected, and where. */
function told(errors: Errors): string {
  const own = (line: string): boolean => !line.includes("node_modules");
  return (errors ?? [])
    .map(({ diff = "", stack = "" }) => `\n${diff}\n${stack.split("\n").filter(own).join("\n")}`)
    .join("");
}
