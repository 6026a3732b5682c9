import { describe, expect, it } from "vitest";
import { parseDuration, parseSize } from "../../src/base/units.ts";

describe("a duration", () => {
  it.each([
    ["500ms", 500],
    ["30s", 30_000],
    ["5m", 300_000],
    ["1h", 3_600_000],
    ["1.5h", 5_400_000],
    ["1m30s", 90_000],
    ["1h0m0.5s", 3_600_500],
    ["2d", 172_800_000],
    ["0s", 0],
    ["0.5ms", 1],
    ["007s", 7000],
  ])("%s is %d ms", (text, expected) => expect(parseDuration(text)).toBe(expected));

  it.each([
    "",
    "30",
    "s",
    "30 s",
    " 30s",
    "30S",
    "-1s",
    "1.s",
    ".5s",
    "1e3s",
    "30sec",
    "1h30",
    "1h 30m",
    "1hh",
    "1h-30m",
    "30KB",
    "30constructor",
  ])("%j is none", (text) => expect(parseDuration(text)).toBeUndefined());
});

describe("a size", () => {
  it.each([
    ["0B", 0],
    ["200KB", 200_000],
    ["1MB", 1_000_000],
    ["2GB", 2_000_000_000],
    ["32KiB", 32_768],
    ["512MiB", 536_870_912],
    ["1.5GiB", 1_610_612_736],
  ])("%s is %d bytes", (text, expected) => expect(parseSize(text)).toBe(expected));

  it.each(["", "1", "1K", "1kb", "1 KB", "-1B", "1TB", "1s", "1toString"])("%j is none", (text) =>
    expect(parseSize(text)).toBeUndefined(),
  );
});
