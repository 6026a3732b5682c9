import { JOB, hasJobs, jobOf } from "./job.ts";
import type { OwnTool } from "./tool.ts";

export const jobCancel: OwnTool = {
  name: "mcpfier_job_cancel",
  title: "Cancel a job",
  description: "Stops a job and gives what it printed until then; of a job that has ended, its result.",
  inputSchema: { type: "object", properties: { job: JOB }, required: ["job"], additionalProperties: false },
  readOnly: false,
  isWanted: hasJobs,
  call: async (engine, values) => {
    const job = jobOf(engine, values);
    const outcome = await job.cancel();
    // It did what was asked for, and is no error here.
    return outcome.kind === "cancelled"
      ? { kind: "reply", text: outcome.shown.text, about: outcome }
      : { kind: "call", outcome, command: job.command };
  },
};
