import { parseDuration, parseSize } from "../base/units.ts";
import type { Environment, Output } from "../command/command.ts";
import { mayHoldArgument } from "../command/environment.ts";
import { type Template, mentioned } from "../command/template.ts";
import type { Draft } from "./draft.ts";
import { type MappingNode, child } from "./node.ts";
import { readOutputSchema } from "./output-schema.ts";
import { type Reader, textTemplateOf } from "./places.ts";

/** What a command has when it says nothing. */
export interface Defaults {
  readonly timeoutMs: number;
  readonly env: Environment;
  readonly output: Output;
}

/** The defaults of the language; the schema shows the same values, and a test keeps the two equal. */
export const BUILT_IN: Defaults = {
  timeoutMs: 60_000,
  env: { inherit: [], set: {} },
  output: { format: "text", schema: null, maxBytes: 32 * 1024, stderr: "auto" },
};

/** What the notice of a cut takes. */
const FEWEST_BYTES = 256;

/** Places that no caller fills. */
const OURS = new Set(["workspace", "call_id"]);

/** `setTimeout` counts in 31 bits. */
const LONGEST_MS = 24 * 86_400_000;

/** Reads `timeout`, `env` and `output` of a command or of `defaults` over what stands before it. */
export function readDefaults(reader: Reader, before: Defaults): Defaults {
  return {
    timeoutMs: readTimeout(reader.draft) ?? before.timeoutMs,
    env: readEnv(reader, before.env),
    output: readOutput(reader.draft, before.output),
  };
}

function readTimeout(draft: Draft): number | null {
  const timeout = draft.get("timeout");
  if (typeof timeout !== "string") return null;
  const ms = parseDuration(timeout) ?? 0;
  if (ms >= 1 && ms <= LONGEST_MS) return ms;
  return draft.error(
    draft.node.entries.get("timeout")?.value ?? draft.node,
    "bad-value",
    `expected a timeout of more than nothing and at most 24d, came ${timeout}`,
  );
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
  if (schema && format !== "json" && !output.isBroken(child(node, "format") ?? schema))
    output.error(
      output.at("schema"),
      "bad-value",
      "`schema` goes with `format: json`",
      "add `format: json`, or remove it",
    );
  return {
    format,
    schema: schema?.kind === "mapping" ? readOutputSchema(output, schema) : before.schema,
    maxBytes: readMaxBytes(output) ?? before.maxBytes,
    stderr: (output.get("stderr") as Output["stderr"] | undefined) ?? before.stderr,
  };
}

function readMaxBytes(output: Draft): number | null {
  const max = output.get("max");
  if (typeof max !== "string") return null;
  const bytes = parseSize(max) ?? 0;
  if (bytes >= FEWEST_BYTES) return bytes;
  return output.error(
    output.nodeOf("max") ?? output.node,
    "bad-value",
    `expected an \`output.max\` of ${FEWEST_BYTES}B at least, came ${max}`,
  );
}
