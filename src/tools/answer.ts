import { randomUUID } from "node:crypto";
import { lazy } from "../base/lazy.ts";
import { refuse, refuseAll } from "../base/refusal.ts";
import type { Engine } from "../engine.ts";
import type { Refused } from "../pipeline/call.ts";
import { refusedBy } from "../pipeline/settle.ts";
import type { CallReply, OwnTool, Reply, ToolIO } from "./tool.ts";

const validator = lazy(() => import("../command/validator.ts"));

export type Answer = Reply | CallReply | Refused;

export interface OwnRequest {
  readonly arguments: unknown;
  readonly dryRun: boolean;
  readonly io: ToolIO;
}

/** Calls a tool of mcpfier itself. Never rejects. */
export async function answer(
  engine: Engine,
  tool: OwnTool,
  { arguments: given, dryRun, io }: OwnRequest,
): Promise<Answer> {
  const began = performance.now();
  try {
    const values = await check(tool, given);
    if (dryRun) return { kind: "reply", text: `${tool.name} would be called; it runs no command, so there is no plan` };
    return await tool.call(engine, values, io);
  } catch (error) {
    const durationMs = Math.round(performance.now() - began);
    return refusedBy(error, { callId: randomUUID(), tool: tool.name, durationMs });
  }
}

/** The arguments with defaults filled in; null counts as not given. */
async function check(tool: OwnTool, given: unknown): Promise<Readonly<Record<string, unknown>>> {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw refuse("arguments.invalid", `expected the arguments as an object, came ${JSON.stringify(given)}`);
  const values = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  const { validatorOf } = await validator();
  const problems = validatorOf(tool.inputSchema)(values);
  refuseAll(
    problems.map(({ path, text }) => ({
      code: "arguments.invalid",
      text: `${path.join(".") || "arguments"}: ${text}`,
    })),
  );
  return values;
}
