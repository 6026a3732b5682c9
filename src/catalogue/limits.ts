import type { Limits } from "../command/command.ts";
import type { Draft } from "./draft.ts";
import { type Bounds, readSize } from "./quantity.ts";

const MOST = Number.MAX_SAFE_INTEGER;
/** No program of this world starts with less. */
const MEMORY: Bounds = { least: 1024 ** 2, most: MOST, said: "of 1MiB at least" };
const FILE_SIZE: Bounds = { least: 1, most: MOST, said: "of more than nothing" };
const OUTPUT: Bounds = { least: 64 * 1024, most: MOST, said: "of 64KiB at least" };

/** Reads `limits` over what stands before it, key by key. */
export function readLimits(draft: Draft, before: Limits): Limits {
  const node = draft.nodeOf("limits");
  if (node?.kind !== "mapping") return before;
  const limits = draft.inside(node);
  const count = (key: string): number | undefined => limits.get(key) as number | undefined;
  return {
    memory: readSize(limits, "memory", MEMORY) ?? before.memory,
    cpu: count("cpu") ?? before.cpu,
    processes: count("processes") ?? before.processes,
    openFiles: count("open_files") ?? before.openFiles,
    fileSize: readSize(limits, "file_size", FILE_SIZE) ?? before.fileSize,
    output: readSize(limits, "output", OUTPUT) ?? before.output,
    strict: (limits.get("strict") as boolean | undefined) ?? before.strict,
  };
}
