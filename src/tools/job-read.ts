import { decode, lastBoundary, plainText } from "../base/text.ts";
import type { Capture } from "../pipeline/capture.ts";
import { JOB, hasJobs, jobOf } from "./job.ts";
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
  call: (engine, values) => {
    const job = jobOf(engine, values);
    const stream = values["stream"] === "stderr" ? "stderr" : "stdout";
    const printed = job.printed()[stream];
    const part = partOf(printed, Number(values["offset"]), Number(values["length"]), job.hasEnded());
    const state = job.hasEnded() ? "has ended" : "still runs";
    const text = [
      `${stream} of job ${job.id}, which ${state}: bytes ${part.from} to ${part.to} of ${printed.bytes}\n`,
      part.missing === 0 ? "" : `[${part.missing} bytes before byte ${part.from} were not kept]`,
      part.text,
      part.to < printed.bytes ? `[go on with offset ${part.to}]` : "",
    ];
    return Promise.resolve({ kind: "reply", text: text.filter((each) => each !== "").join("\n") });
  },
};

interface Part {
  readonly from: number;
  /** The first byte that is not in it. */
  readonly to: number;
  /** Bytes that were asked for and not kept, before `from`. */
  readonly missing: number;
  readonly text: string;
}

/** What is kept from `offset` on, in one piece: of the head, or of the tail when the offset lies behind the head. */
function partOf({ head, tail, bytes }: Capture, offset: number, length: number, isOver: boolean): Part {
  const tailAt = bytes - tail.length;
  const isWhole = tailAt === head.length;
  const isInTail = !isWhole && offset >= head.length;
  const kept = isWhole ? Buffer.concat([head, tail]) : isInTail ? tail : head;
  const keptAt = isInTail ? tailAt : 0;
  const from = Math.min(Math.max(offset, keptAt), bytes);
  const piece = kept.subarray(from - keptAt, from - keptAt + length);
  const isEnd = isOver && from + piece.length === bytes;
  // The next part begins with the character that this one would cut in two; a lone piece of one is given as it is.
  const size = isEnd ? piece.length : lastBoundary(piece, piece.length) || piece.length;
  const { text } = decode(piece.subarray(0, size), { start: from > 0, end: false });
  return { from, to: from + size, missing: Math.max(0, from - offset), text: plainText(text) };
}
