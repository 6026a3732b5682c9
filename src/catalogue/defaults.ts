import { parseDuration, parseSize } from "../base/units.ts";
import { type Environment, type JsonSchema, type Output } from "../command/command.ts";
import { decidesWhatRuns } from "../command/environment.ts";
import { type Template, mentioned } from "../command/template.ts";
import { type Draft, templateOf, within } from "./draft.ts";
import { cleanSchema } from "./param-schema.ts";
import type { MappingNode } from "./node.ts";

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

/** `setTimeout` counts in 31 bits. */
const LONGEST_MS = 24 * 86_400_000;

/** Reads `timeout`, `env` and `output` of a command or of `defaults` over what stands before it. */
export function readDefaults(draft: Draft, before: Defaults, names: ReadonlySet<string>): Defaults {
  return {
    timeoutMs: readTimeout(draft) ?? before.timeoutMs,
    env: readEnv(draft, before.env, names),
    output: readOutput(draft, before.output),
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

function readEnv(draft: Draft, before: Environment, names: ReadonlySet<string>): Environment {
  const env = draft.nodeOf("env");
  if (env?.kind !== "mapping") return before;
  const set: Record<string, Template> = { ...before.set };
  for (const [name, { key, value }] of env.entries) {
    if (name === "inherit" || name === "login_path" || value.kind !== "scalar") continue;
    const template = templateOf(draft, value, names);
    set[name] = template;
    if (decidesWhatRuns(name) && mentioned(template).length > 0) {
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
  const output = draft.get("output") as
    | { format?: Output["format"]; schema?: JsonSchema; max?: string; stderr?: Output["stderr"] }
    | undefined;
  if (!output) return before;
  const maxBytes = output.max === undefined ? before.maxBytes : (parseSize(output.max) ?? before.maxBytes);
  if (maxBytes < 256)
    draft.error(
      within(draft, draft.at("output"), "max"),
      "bad-value",
      `expected an \`output.max\` of 256B at least, came ${output.max ?? ""}`,
    );
  return {
    format: output.format ?? before.format,
    schema: output.schema ? cleanSchema(output.schema) : before.schema,
    maxBytes,
    stderr: output.stderr ?? before.stderr,
  };
}
