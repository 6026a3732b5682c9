import type { Limits } from "../command/command.ts";
import type { Draft } from "./draft.ts";
import { ANY_SIZE, type Bounds, readSize } from "./quantity.ts";

/** No program of this world starts with less. */
const MEMORY: Bounds = { ...ANY_SIZE, least: 1024 ** 2, said: "of 1MiB at least and 1000000GiB at most" };
const OUTPUT: Bounds = { ...ANY_SIZE, least: 64 * 1024, said: "of 64KiB at least and 1000000GiB at most" };

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
    fileSize: readSize(limits, "file_size", ANY_SIZE) ?? before.fileSize,
    output: readSize(limits, "output", OUTPUT) ?? before.output,
    strict: (limits.get("strict") as boolean | undefined) ?? before.strict,
  };
}
