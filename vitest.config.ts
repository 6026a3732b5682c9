import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/order.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/build.ts"],
    setupFiles: ["test/sentinel.ts"],
    reporters: ["default", "./test/closing-line.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    sequence: { sequencer: LongestFirst },
    // Two cores, and tests that wait for processes and engines two fifths of their time.
    maxWorkers: 3,
    // Real engines and clocks on a machine that others use too: a second try is told by the closing lines.
    retry: process.env["CI"] ? 1 : 0,
  },
});
