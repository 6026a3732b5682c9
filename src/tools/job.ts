import { refuse } from "../base/refusal.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Engine } from "../engine.ts";
import type { Job } from "../job.ts";
import type { Jobs } from "../jobs.ts";

/** The argument by which a tool is told of a job. */
export const JOB = { type: "string", description: "The job, as the call that went on as one named it" } as const;

/** Whether a call of the catalogue can become a job, or one of an earlier catalogue did. Who has tasks asks for them otherwise. */
export function hasJobs({ commands }: Catalogue, jobs: Jobs): boolean {
  return handsOff(commands) || jobs.list().some(({ task }) => !task);
}

/** Each page of a list asks for it, and for each tool. */
const known = new WeakMap<Catalogue["commands"], boolean>();

function handsOff(commands: Catalogue["commands"]): boolean {
  const answer = known.get(commands) ?? commands.some(({ handoffMs }) => handoffMs !== null);
  known.set(commands, answer);
  return answer;
}

export function jobOf({ jobs }: Engine, { job: id }: Readonly<Record<string, unknown>>): Job {
  const job = jobs.find(String(id));
  if (job) return job;
  throw refuse(
    "job.unknown",
    `expected the id of a job, as a call that was handed off gave it, came ${JSON.stringify(id)}; a job that ended is kept for an hour, and the newest hundred of them`,
  );
}
