import type { Container } from "../command/container.ts";
import type { Environment, Limits, Output, Retry } from "../command/command.ts";
import { mayHoldArgument } from "../command/environment.ts";
import { type Template, mentioned } from "../command/template.ts";
import { readContainer } from "./container.ts";
import type { Draft, Setting } from "./draft.ts";
import { type MappingNode, child } from "./node.ts";
import { readLimits } from "./limits.ts";
import { readOutputSchema } from "./output-schema.ts";
import { type Reader, textTemplateOf } from "./places.ts";
import { type Bounds, readDuration, readSize } from "./quantity.ts";
import { readRetry } from "./retry.ts";

/** What a command has when it says nothing. */
export interface Defaults {
  readonly timeoutMs: number;
  readonly env: Environment;
  readonly output: Output;
  readonly limits: Limits;
  readonly container: Container | null;
  readonly concurrency: number | null;
  readonly retry: Retry | null;
}

/** The defaults of the language; the schema shows the same values, and a test keeps the two equal. */
export const BUILT_IN: Defaults = {
  timeoutMs: 60_000,
  env: { inherit: [], set: {} },
  output: { format: "text", schema: null, mime: "", maxBytes: 32 * 1024, stderr: "auto" },
  limits: {
    memory: null,
    cpu: null,
    processes: null,
    openFiles: null,
    fileSize: null,
    output: 64 * 1024 ** 2,
    strict: false,
  },
  container: null,
  concurrency: null,
  retry: null,
};

/** The notice of a cut takes as much. */
const MAX: Bounds = { least: 256, most: 64 * 1024 ** 2, said: "of 256B at least and 64MiB at most" };

/** Places that no caller fills. */
const OURS = new Set(["workspace", "call_id"]);

/** The formats whose result is data or a piece of media, not text. */
const WITH_SCHEMA: ReadonlySet<Output["format"]> = new Set(["json", "jsonl", "csv"]);
const MEDIA: ReadonlySet<Output["format"]> = new Set(["image", "audio", "file"]);

/** What a piece of media may take when nothing is said: bytes that a model reads are dearer than those that it sees. */
const MEDIA_BYTES = 1024 ** 2;

/** Reads the keys that `defaults` and a command share, over what stands before them. */
export function readDefaults(reader: Reader, before: Defaults, setting: Setting): Defaults {
  const { draft } = reader;
  return {
    timeoutMs: readDuration(draft, "timeout") ?? before.timeoutMs,
    env: readEnv(reader, before.env),
    output: readOutput(draft, before.output),
    limits: readLimits(draft, before.limits),
    container: readContainer(reader, before.container, setting),
    concurrency: (draft.get("concurrency") as number | undefined) ?? before.concurrency,
    retry: readRetry(draft) ?? before.retry,
  };
}

function readEnv(reader: Reader, before: Environment): Environment {
  const { draft } = reader;
  const env = draft.nodeOf("env");
  if (env?.kind !== "mapping") return before;
  const set: Record<string, Template> = { ...before.set };
  for (const [name, { key, value }] of env.entries) {
    if (name === "inherit" || name === "login_path" || value.kind !== "scalar" || draft.isBroken(value)) continue;
    const template = textTemplateOf(reader, value);
    set[name] = template;
    if (!mayHoldArgument(name) && mentioned(template).some((each) => !OURS.has(each))) {
      draft.error(
        key,
        "env-placeholder",
        `${name} decides which code runs, so a parameter must not fill it`,
        "give it a constant value",
      );
    }
  }
  return { set, inherit: readInherit(env) ?? before.inherit };
}

function readInherit(env: MappingNode): Environment["inherit"] | undefined {
  const node = env.entries.get("inherit")?.value;
  if (node?.kind === "scalar" && node.value === "all") return "all";
  return node?.kind === "sequence"
    ? node.items.map((item) => String(item.kind === "scalar" ? item.value : ""))
    : undefined;
}

function readOutput(draft: Draft, before: Output): Output {
  const node = draft.nodeOf("output");
  if (node?.kind !== "mapping") return before;
  const output = draft.inside(node);
  const format = (output.get("format") as Output["format"] | undefined) ?? before.format;
  const schema = output.nodeOf("schema");
  if (schema && !WITH_SCHEMA.has(format) && !output.isBroken(child(node, "format") ?? schema))
    output.error(
      output.at("schema"),
      "bad-value",
      "`schema` goes with `format: json`, `jsonl` or `csv`",
      "add one of these formats, or remove it",
    );
  const inherited = before.maxBytes === usualBytes(before.format) ? usualBytes(format) : before.maxBytes;
  const inheritedSchema = WITH_SCHEMA.has(format) ? before.schema : null;
  return {
    format,
    schema: schema?.kind === "mapping" ? readOutputSchema(output, schema) : inheritedSchema,
    mime: readMime(output, format) ?? (format === before.format ? before.mime : ""),
    maxBytes: readSize(output, "max", MAX) ?? inherited,
    stderr: (output.get("stderr") as Output["stderr"] | undefined) ?? before.stderr,
  };
}

/** Undefined when it is absent or was reported. */
function readMime(output: Draft, format: Output["format"]): string | undefined {
  const mime = output.get("mime") as string | undefined;
  const said = child(output.node, "format");
  if (mime === undefined || (said && output.isBroken(said))) return mime;
  const family = format === "file" ? "[\\w.+-]+" : format;
  if (!MEDIA.has(format))
    output.error(
      output.at("mime"),
      "bad-value",
      "`mime` goes with `format: image`, `audio` or `file`",
      "add one of these formats, or remove it",
    );
  else if (!new RegExp(`^${family}/[\\w.+-]+(?: *; *[\\w.+-]+=[\\w.+-]+)*$`, "i").test(mime))
    output.error(
      output.nodeOf("mime") ?? output.node,
      "bad-value",
      `expected the media type of ${EXAMPLES[format]}, came ${mime}`,
    );
  return mime;
}

/** What the media type of a format is of. */
const EXAMPLES: { readonly [format: string]: string | undefined } = {
  image: "an image, such as image/png",
  audio: "a sound, such as audio/wav",
  file: "a file, such as application/pdf",
};

function usualBytes(format: Output["format"]): number {
  return MEDIA.has(format) ? MEDIA_BYTES : BUILT_IN.output.maxBytes;
}
