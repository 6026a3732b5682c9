import { type CallToolResult, RELATED_TASK_META_KEY, type Result, type Server } from "@modelcontextprotocol/server";
import { type Task, deskOf, newborn, pollAfter, resultOf, seen } from "./task.ts";

/** The answer of a call that was made a task of revision 2025-11-25. */
export function createdTask(job: Task): CallToolResult {
  return { content: [], task: { ...newborn(job), ...life(job), pollInterval: pollAfter(job) } };
}

/** How it is now; a result that is an error is a failure of the task. */
export async function stateOf(server: Server, job: Task): Promise<Result> {
  const result = await resultOf(job, server);
  if (!result) {
    const status = deskOf(job)?.isWaiting() === true ? "input_required" : "working";
    return { ...seen(job, { status, statusMessage: job.doing() }), ...life(job), pollInterval: pollAfter(job) };
  }
  if (result.isError !== true) return { ...seen(job, { status: "completed" }), ...life(job) };
  const status = (await job.end).kind === "cancelled" ? "cancelled" : "failed";
  return { ...seen(job, { status, statusMessage: wordsOf(result) }), ...life(job) };
}

/** What everything that belongs to a task bears in its `_meta`. */
export function related(taskId: string): Record<string, unknown> {
  return { [RELATED_TASK_META_KEY]: { taskId } };
}

function life({ task }: Task): { readonly ttl: number } {
  return { ttl: task.ttlMs };
}

/** Characters of a result that a status tells. */
const LONGEST = 1000;

function wordsOf({ content }: CallToolResult): string {
  const text = content.map((block) => (block.type === "text" ? block.text : "")).join("\n");
  return text.slice(0, LONGEST).replace(/[\uD800-\uDBFF]$/, "");
}
