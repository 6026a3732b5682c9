import {
  type CallToolResult,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type StandardSchemaV1,
} from "@modelcontextprotocol/server";
import type { Engine } from "../engine.ts";
import type { Job, TaskLife } from "../job.ts";
import { type Desk, createDesk } from "./desk.ts";
import { toResult } from "./translate.ts";

/** A job as the protocol shows it in both of its eras. */
export interface TaskSeen {
  readonly taskId: string;
  readonly status: "working" | "input_required" | "completed" | "failed" | "cancelled";
  readonly statusMessage?: string;
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
}

/** What the protocol adds to a job. */
interface Face {
  readonly desk: Desk;
  updatedAt: number;
}

const faces = new WeakMap<Job, Face>();

/** The face of a task that is to be; `changed` is told of each status after the first. */
export function createFace(changed: () => void): { readonly desk: Desk; wear(job: Job): void } {
  let face: Face | undefined;
  const touch = (): void => {
    if (!face) return;
    face.updatedAt = Date.now();
    changed();
  };
  const desk = createDesk(touch);
  return {
    desk,
    wear: (job) => {
      face = { desk, updatedAt: Date.now() };
      faces.set(job, face);
      job.end.then(touch, touch);
    },
  };
}

export function deskOf(job: Job): Desk | undefined {
  return faces.get(job)?.desk;
}

export interface Task extends Job {
  readonly task: TaskLife;
}

/** The task of an id; what is none, or none any more, is an error of the protocol. */
export function taskOf({ jobs }: Engine, id: string): Task {
  const job = jobs.find(id);
  if (job && isTask(job)) return job;
  throw new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `there is no task ${JSON.stringify(id.slice(0, 80))}; expected the taskId that a call of a tool was answered with. A task is forgotten when its time to live is over, soon after a hundred others have ended, and with its server`,
  );
}

export function isTask(job: Job): job is Task {
  return job.task !== null;
}

/** The task of a job as it is told when it is made, whatever has become of it meanwhile. */
export function newborn(job: Task): TaskSeen {
  const createdAt = new Date(job.task.createdAt).toISOString();
  return { taskId: job.id, status: "working", statusMessage: job.doing(), createdAt, lastUpdatedAt: createdAt };
}

/** What it says of itself, beside what is known of its life. */
export function seen(job: Task, now: Pick<TaskSeen, "status" | "statusMessage">): TaskSeen {
  const { createdAt } = job.task;
  const lastUpdatedAt = new Date(faces.get(job)?.updatedAt ?? createdAt).toISOString();
  return { taskId: job.id, ...now, createdAt: new Date(createdAt).toISOString(), lastUpdatedAt };
}

const SOONEST_MS = 250;
const LATEST_MS = 5000;

/** When to ask again: soon for what has just begun, and seldom for what lasts. */
export function pollAfter({ task }: Task): number {
  return Math.min(Math.max(Math.round((Date.now() - task.createdAt) / 4), SOONEST_MS), LATEST_MS);
}

/** What the call would have answered; null while it runs. */
export async function resultOf(job: Task, server: Server): Promise<CallToolResult | null> {
  if (!job.hasEnded()) return null;
  return toResult(await job.end, job.command, server.getNegotiatedProtocolVersion());
}

export interface TaskParams {
  readonly taskId: string;
}

/** The params of every request about one task. */
export const TASK_PARAMS: { readonly params: StandardSchemaV1<unknown, TaskParams> } = {
  params: {
    "~standard": {
      version: 1,
      vendor: "mcpfier",
      validate: (value) => {
        const { taskId } = value as { readonly taskId?: unknown };
        return typeof taskId === "string"
          ? { value: { taskId } }
          : { issues: [{ message: "taskId: expected the id of a task, a text" }] };
      },
    },
  },
};
