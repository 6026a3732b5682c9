import { jobCancel } from "./job-cancel.ts";
import { jobRead } from "./job-read.ts";
import { jobWait } from "./job-wait.ts";
import { readOutput } from "./read-output.ts";
import type { OwnTool } from "./tool.ts";

/** Every tool of mcpfier itself, in the order in which they are listed. */
export const OWN_TOOLS: readonly OwnTool[] = [readOutput, jobWait, jobRead, jobCancel];

export function findOwnTool(name: string): OwnTool | undefined {
  return OWN_TOOLS.find((tool) => tool.name === name);
}
