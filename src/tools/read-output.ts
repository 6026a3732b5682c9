import { decode, plainText } from "../base/text.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { refuse } from "../base/refusal.ts";
import type { Engine } from "../engine.ts";
import type { Cleaner } from "../pipeline/cleaner.ts";
import type { Found } from "../stores/grep.ts";
import { DEFAULT_LENGTH, type Gap, MOST_LENGTH, type StreamName } from "../stores/record.ts";
import type { Slice } from "../stores/slice.ts";
import type { OwnTool, Reply, ToolIO } from "./tool.ts";

/** Reads what a call printed, for clients that have no resources. */
export const readOutput: OwnTool = {
  name: "mcpfier_read_output",
  title: "Read the output of a call",
  description:
    "Reads the whole output of an earlier call in parts, when its result said that bytes were left out. With `grep` it gives only the lines that match.",
  inputSchema: {
    type: "object",
    properties: {
      call: { type: "string", minLength: 1, description: "The id of the call, as its result names it" },
      stream: { enum: ["stdout", "stderr"], default: "stdout", description: "Which of its outputs" },
      offset: { type: "integer", minimum: 0, default: 0, description: "The byte to begin at" },
      length: {
        type: "integer",
        minimum: 1,
        maximum: MOST_LENGTH,
        default: DEFAULT_LENGTH,
        description: "How many bytes at most",
      },
      grep: { type: "string", minLength: 1, description: "A regular expression (RE2): only lines that match it" },
    },
    required: ["call"],
    additionalProperties: false,
  },
  readOnly: true,
  isWanted,
  call: read,
};

interface Wanted {
  readonly call: string;
  readonly stream: StreamName;
  readonly offset: number;
  readonly length: number;
  readonly grep?: string;
}

/** Only a command that may print more than it shows leaves something to read. */
function isWanted({ commands }: Catalogue): boolean {
  return commands.some(({ limits, output }) => limits.output > output.maxBytes);
}

async function read({ records }: Engine, values: Readonly<Record<string, unknown>>, io: ToolIO): Promise<Reply> {
  // They were checked against the input schema, which fills the defaults in.
  const wanted = values as unknown as Wanted;
  const { call, stream, offset, length, grep } = wanted;
  if (!records) throw refuse("record.missing", "output is not recorded here");
  if (grep === undefined)
    return {
      kind: "reply",
      text: sliceText(`${stream} of call ${call}`, await records.read(call, stream, { offset, length })),
    };
  const { lineMatcher } = await import("../stores/expression.ts");
  const found = await records.grep(call, stream, { matches: lineMatcher(grep), offset, length, signal: io.signal });
  return { kind: "reply", text: foundText(wanted, found) };
}

/** What was read of a stream, with its place in the whole; `what` names the stream. */
export function sliceText(what: string, slice: Slice, clean: Cleaner = plainText): string {
  const { offset, bytes, next, totalBytes, gap } = slice;
  if (bytes.length === 0 && gap === null)
    return `[${what} has ${count(totalBytes)} bytes: there is nothing to read at byte ${count(offset)}]`;
  const { text, invalid } = decode(bytes, { start: offset > 0, end: next !== null });
  return lines(
    `[${what}: bytes ${count(offset)} to ${count(offset + bytes.length)} of ${count(totalBytes)}]`,
    gap && gap.to <= offset ? gapText(gap) : "",
    clean(text),
    invalid === 0 ? "" : `[${count(invalid)} places that are not UTF-8 are shown as \uFFFD]`,
    gap && gap.to > offset ? gapText(gap) : "",
    next === null ? "" : `[go on with offset ${next}]`,
  );
}

function foundText({ call, stream, grep, offset }: Wanted, found: Found): string {
  const { length } = found.lines;
  return lines(
    `[${stream} of call ${call}: ${length === 0 ? "no line matches" : `${count(length)} ${length === 1 ? "line matches" : "lines match"}`} ${grep}${offset > 0 ? ` from byte ${count(offset)} on` : ""}; each as line:byte:text]`,
    ...found.lines.map(({ line, offset: at, text }) => `${line ?? ""}:${at}:${text}`),
    found.missing === 0 ? "" : `[${count(found.missing)} bytes were not kept, and not searched]`,
    found.next === null ? "" : `[there are more: go on with offset ${found.next}]`,
  );
}

function gapText({ from, to }: Gap): string {
  return `[bytes ${count(from)} to ${count(to)} were not kept]`;
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function lines(...parts: readonly string[]): string {
  return parts
    .filter((part) => part !== "")
    .map((part) => part.replace(/\n$/, ""))
    .join("\n");
}
