import { Refusal } from "../base/refusal.ts";
import { lastBoundary } from "../base/text.ts";
import type { Engine } from "../engine.ts";
import type { Job } from "../job.ts";
import type { Capture } from "../pipeline/capture.ts";
import { describeBytes } from "../pipeline/formats/media.ts";
import { isReadable } from "../pipeline/readable.ts";
import { type StreamName, boundRange, rangeAt } from "../stores/record.ts";
import type { Slice, SliceRequest } from "../stores/slice.ts";
import { JOB, hasJobs, jobOf } from "./job.ts";
import { sliceText } from "./read-output.ts";
import type { OwnTool } from "./tool.ts";

export const jobRead: OwnTool = {
  name: "mcpfier_job_read",
  title: "Read a job's output",
  description: "Gives a part of what a job has printed so far, also when it has ended.",
  inputSchema: {
    type: "object",
    properties: {
      job: JOB,
      stream: { enum: ["stdout", "stderr"], default: "stdout", description: "Which output to read" },
      offset: { type: "integer", minimum: 0, default: 0, description: "The byte to begin at" },
      length: { type: "integer", minimum: 1, maximum: 262_144, default: 32_768, description: "How many bytes at most" },
    },
    required: ["job"],
    additionalProperties: false,
  },
  readOnly: true,
  isWanted: hasJobs,
  call: async (engine, values) => {
    const job = jobOf(engine, values);
    const stream = values["stream"] === "stderr" ? "stderr" : "stdout";
    const range = { offset: Number(values["offset"]), length: Number(values["length"]) };
    const what = `${stream} of job ${job.id}, which ${job.hasEnded() ? "has ended" : "still runs"}`;
    const { stdout } = job.printed();
    const isShown = stream === "stderr" || isReadable(job.command.output, stdout);
    const text = isShown
      ? sliceText(what, await read(engine, job, stream, range), job.clean)
      : `[${what}, is not shown as text: it has ${describeBytes({ stdout, clean: job.clean })}]`;
    return { kind: "reply", text };
  },
};

/** Of the record, which holds more; of memory where there is none. */
async function read({ records }: Engine, job: Job, stream: StreamName, range: Asked): Promise<Slice> {
  try {
    if (records) return await records.read(job.id, stream, range);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  return sliceOf(job.printed()[stream], range, job.hasEnded());
}

type Asked = Pick<SliceRequest, "offset" | "length">;

function sliceOf({ head, tail, bytes: totalBytes }: Capture, { offset, length }: Asked, isOver: boolean): Slice {
  const tailAt = totalBytes - tail.length;
  const kept = { bytes: totalBytes, head: head.length, tail: tailAt, limit: head.length + tail.length };
  const range = rangeAt(kept, offset, length);
  const whole = Buffer.concat([head, tail]);
  const at = range.from < head.length ? range.from : range.from - tailAt + head.length;
  const piece = whole.subarray(at, at + range.to - range.from);
  // The next part begins with the character that this one would cut in two; a lone piece of one is given as it is.
  const size = isOver && range.to === totalBytes ? piece.length : lastBoundary(piece, piece.length) || piece.length;
  // Half a character in front of a gap is left out with it.
  const to = range.gap && range.to === kept.head ? range.to : range.from + size;
  const { from, next, gap } = boundRange(kept, offset, range.from, to);
  return { offset: from, bytes: piece.subarray(0, size), isText: true, next, totalBytes, gap };
}
