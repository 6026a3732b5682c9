import { readOutput } from "./read-output.ts";
import type { OwnTool } from "./tool.ts";

/** The tools of mcpfier itself, in the order in which they are listed. */
export const ownTools: readonly OwnTool[] = [readOutput];
