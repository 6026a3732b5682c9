import { JOB, hasJobs, jobOf } from "./job.ts";
import type { OwnTool } from "./tool.ts";

export const jobWait: OwnTool = {
  name: "mcpfier_job_wait",
  title: "Wait for a job",
  description:
    "Waits until a job has ended and gives the result of its call. If it still runs after the seconds that are given, says so, with its latest output; call it again to wait on.",
  inputSchema: {
    type: "object",
    properties: {
      job: JOB,
      seconds: {
        type: "number",
        minimum: 1,
        maximum: 3600,
        default: 45,
        description: "How long to wait at most",
      },
    },
    required: ["job"],
    additionalProperties: false,
  },
  readOnly: true,
  isWanted: hasJobs,
  call: async (engine, values, { signal, follow }) => {
    const job = jobOf(engine, values);
    const detach = job.watch(follow(job.command, () => job.id));
    try {
      const outcome = await job.wait(Number(values["seconds"]) * 1000, signal);
      return { kind: "call", outcome, command: job.command };
    } finally {
      detach();
    }
  },
};
