import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type AnySchemaObject } from "ajv";
import { Command as Parser } from "commander";
import { describe, expect, it } from "vitest";
import { DOCS, GENERATED, regenerated } from "../scripts/docs.ts";
import catalogueSchema from "../schemas/mcpfier.schema.json" with { type: "json" };
import { RULES } from "../src/base/problem.ts";
import { REFUSALS } from "../src/base/refusal.ts";
import { parseDuration, parseSize } from "../src/base/units.ts";
import { CONTAINER } from "../src/catalogue/container.ts";
import { BUILT_IN } from "../src/catalogue/defaults.ts";
import { API_KEY_HEADER } from "../src/catalogue/hook-auth.ts";
import { lintRules } from "../src/catalogue/lint/registry.ts";
import { PAGINATION } from "../src/catalogue/pagination.ts";
import { RETRY } from "../src/catalogue/retry.ts";
import { SETTINGS } from "../src/catalogue/settings.ts";
import { HOOK_RETRY, OK_STATUS } from "../src/catalogue/webhook.ts";
import { registry } from "../src/cli/registry.ts";
import { readReport } from "../src/stores/analytics/report.ts";
import { TABLES } from "../src/stores/analytics/schema.ts";
import { KEYS } from "../src/stores/analytics/statistics.ts";
import { folder, host, load, mcpfier } from "./rig.ts";
import { databaseWith } from "./stores/analytics.ts";

function pageOf(name: string): string {
  return readFileSync(join(DOCS, name), "utf8");
}

interface Key {
  readonly path: string;
  readonly schema: AnySchemaObject;
}

/** Every key of the schema, wherever an object names its properties. */
function keys(schema: unknown, path: string): Key[] {
  if (typeof schema !== "object" || schema === null) return [];
  if (Array.isArray(schema)) return schema.flatMap((item, index) => keys(item, `${path}[${index}]`));
  return Object.entries(schema).flatMap(([word, value]) => {
    if (word === "examples" || word === "default" || word === "enum") return [];
    if (word === "properties")
      return Object.entries(value as object).flatMap(([name, inner]) =>
        [{ path: `${path}.${name}`, schema: inner as AnySchemaObject }].concat(keys(inner, `${path}.${name}`)),
      );
    if (word === "definitions") return Object.entries(value as object).flatMap(([name, inner]) => keys(inner, name));
    return keys(value, path);
  });
}

const all = keys(catalogueSchema, "top");

function valueOf(path: string): unknown {
  return all.find((key) => key.path === path)?.schema["default"];
}

function reservedKeys(): ReadonlySet<string> {
  const marked = all.filter(({ schema }) => "x-unsupported" in schema);
  return new Set(marked.map(({ path }) => String(path.split(".").at(-1))));
}

describe("the schema", () => {
  const ajv = new Ajv({ allErrors: true, strict: false });
  /** Says why a value does not fit a key; the definitions that the key refers to are those of the catalogue. */
  function faultOf(schema: AnySchemaObject, value: unknown): unknown {
    const validate = ajv.compile({ ...schema, definitions: catalogueSchema.definitions } as AnySchemaObject);
    return validate(value) ? undefined : validate.errors;
  }

  it("is valid draft-07", () => {
    expect(ajv.validateSchema(catalogueSchema as AnySchemaObject)).toBe(true);
    expect(catalogueSchema.$schema).toBe("http://json-schema.org/draft-07/schema#");
  });

  it.each(all.map(({ path, schema }) => [path, schema] as const))(
    "has a description and an example for %s",
    (_, schema) => {
      expect(schema["description"]).toMatch(/^[A-Z`"].*[.)]$/s);
      expect(schema["examples"]).toBeInstanceOf(Array);
      expect(schema["examples"]).not.toEqual([]);
    },
  );

  it.each(all.map(({ path, schema }) => [path, schema] as const))(
    "has examples and a default that fit for %s",
    (_, schema) => {
      for (const example of schema["examples"] as readonly unknown[])
        expect(faultOf(schema, example), JSON.stringify(example)).toBeUndefined();
      if ("default" in schema) expect(faultOf(schema, schema["default"])).toBeUndefined();
    },
  );

  it("marks as reserved what the issue names, and nothing else", () => {
    const named = /Reserved keys.*?: ([\s\S]*?)\.\n/.exec(pageOf("catalogue.md"))?.[1] ?? "";
    expect(reservedKeys()).toEqual(new Set(Array.from(named.matchAll(/`(\w+)`/g), ([, name]) => String(name))));
  });
});

describe("the defaults", () => {
  it("are the same in the schema and in the code", () => {
    expect(BUILT_IN).toEqual({
      timeoutMs: parseDuration(String(valueOf("command.timeout"))),
      env: { inherit: [], set: {} },
      output: {
        format: valueOf("output.format"),
        schema: null,
        mime: "",
        maxBytes: parseSize(String(valueOf("output.max"))),
        stderr: valueOf("output.stderr"),
      },
      limits: {
        memory: valueOf("limits.memory") ?? null,
        cpu: valueOf("limits.cpu") ?? null,
        processes: valueOf("limits.processes") ?? null,
        openFiles: valueOf("limits.open_files") ?? null,
        fileSize: valueOf("limits.file_size") ?? null,
        output: parseSize(String(valueOf("limits.output"))),
        strict: valueOf("limits.strict"),
      },
      container: valueOf("command.container") ?? null,
      concurrency: valueOf("command.concurrency") ?? null,
      retry: valueOf("command.retry") ?? null,
    });
    expect(CONTAINER).toEqual({
      image: "",
      pull: valueOf("container.pull"),
      network: valueOf("container.network"),
      mounts: valueOf("container.mounts") ?? [],
      workdir: valueOf("container.workdir") ?? null,
      user: valueOf("container.user") ?? null,
      allowRoot: valueOf("container.allow_root"),
      allowUnsafe: valueOf("container.allow_unsafe"),
      privileged: valueOf("container.privileged"),
      share: valueOf("container.share"),
      readOnly: valueOf("container.read_only"),
      tmpfs: valueOf("container.tmpfs") ?? {},
      capabilities: valueOf("container.capabilities"),
      engines: [valueOf("container.engine") ?? []].flat(),
      warm: valueOf("container.warm"),
    });
    expect(RETRY).toEqual({
      attempts: valueOf("retry.attempts"),
      delayMs: parseDuration(String(valueOf("retry.delay"))),
      backoff: valueOf("retry.backoff"),
      on: valueOf("retry.on") ?? null,
    });
    expect(HOOK_RETRY).toEqual({
      maxRetries: valueOf("webhook_retry.max_retries"),
      delayMs: parseDuration(String(valueOf("webhook_retry.delay"))),
      backoff: valueOf("webhook_retry.backoff"),
      statusCodes: valueOf("webhook_retry.status_codes"),
    });
    expect(PAGINATION).toEqual({
      items: valueOf("webhook_pagination.items"),
      maxPages: valueOf("webhook_pagination.max_pages"),
      parameter: valueOf("webhook_pagination.parameter"),
      first: valueOf("webhook_pagination.first"),
    });
    expect(API_KEY_HEADER).toBe(valueOf("webhook_auth.header"));
    expect(valueOf("webhook.ok_status")).toEqual(OK_STATUS.map(([from]) => `${from / 100}xx`));
    expect(SETTINGS).toEqual({
      concurrency: valueOf("top.concurrency") ?? null,
      queue: valueOf("top.queue"),
      records: {
        maxAgeMs: parseDuration(String(valueOf("records.max_age"))),
        maxBytes: parseSize(String(valueOf("records.max_size"))),
      },
      // The original's block has none in the schema.
      http: { address: "127.0.0.1:8080", needsAuth: false },
      analytics: {
        enabled: valueOf("analytics.enabled"),
        databasePath: null,
        retentionDays: valueOf("analytics.retention_days"),
      },
    });
    expect(valueOf("defaults.timeout")).toBe(valueOf("command.timeout"));
  });

  it("are what a command has that says nothing", async () => {
    const { catalogue } = await load("commands:\n  - { name: a, run: [ls], params: { p: {} } }\n");
    const [command] = catalogue?.commands ?? [];
    expect(command).toMatchObject({
      effect: valueOf("command.effect"),
      openWorld: valueOf("command.open_world"),
      isolation: valueOf("command.isolation"),
      progress: valueOf("command.progress"),
      idleTimeoutMs: null,
      handoffMs: null,
      queue: null,
      needs: [],
      cacheMs: null,
      okExitCodes: Object.fromEntries(
        (valueOf("command.ok_exit_codes") as readonly number[]).map((code) => [code, ""]),
      ),
      program: { kind: valueOf("command.shell") === false ? "argv" : "shell" },
      params: [
        {
          required: valueOf("parameter.required"),
          secret: valueOf("parameter.secret"),
          positional: valueOf("parameter.positional"),
        },
      ],
    });
    expect(catalogue?.name).toBe(valueOf("top.name"));
    expect(catalogue?.settings).toEqual(SETTINGS);
  });
});

describe("a page with a generated part", () => {
  it.each(GENERATED)("has it as `npm run docs` writes it: docs/%s", (name) => {
    expect(pageOf(name)).toBe(regenerated(name));
  });
});

describe("docs/keys.md and docs/rules.md", () => {
  it("have every key of the schema, and every rule", () => {
    const reference = pageOf("keys.md");
    for (const { path } of all) expect(reference, path).toContain(`\n| \`${path.split(".").at(-1)}\` | `);
    const rules = pageOf("rules.md");
    for (const [rule, meaning] of Object.entries(RULES)) {
      const kind = meaning.endsWith("(warning)") ? "warning" : "error";
      expect(rules).toContain(`| \`${rule}\` | ${kind} | ${meaning.replace(" (warning)", "")} |`);
    }
  });
});

describe("docs/command-line.md", () => {
  it("has every verb once with its page, and its options there or on that page alone", () => {
    const page = pageOf("command-line.md");
    for (const verb of registry.filter(({ isHidden }) => isHidden !== true)) {
      expect(
        page.match(new RegExp(`^\\| \\[\`${verb.name}\`\\]\\(#${verb.name}\\) \\| .* \\| \\[.*\\]\\(.*\\) \\|$`, "gm")),
      ).toHaveLength(1);
      const [, section = ""] = page.split(`\n## ${verb.name}\n`);
      const own = verb.name === "setup" ? pageOf("setup.md").split("\n## Options\n")[1] : section.split("\n## ")[0];
      const parser = new Parser(verb.name);
      verb.declare(parser);
      for (const { long } of parser.options)
        expect(own?.match(new RegExp(`^\\| \`${long}[ \`]`, "gm")), `${verb.name} ${long}`).toHaveLength(1);
    }
  });
});

describe("docs/lint.md", () => {
  const page = pageOf("lint.md");

  it("has the rules that the code has", () => {
    const named = Array.from(page.matchAll(/^\| `([a-z-]+)` \| .* \| .* \|$/gm), ([, id]) => id);
    expect(named).toEqual(lintRules.map(({ id }) => id));
  });

  it("has a block in which nothing is found, and as much as its comments say without them", async () => {
    const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    const cwd = folder({ "mcpfier.yaml": yaml, "bare.yaml": yaml.replaceAll(/# mcpfier-ignore.*/g, "") });
    expect(await mcpfier(["lint"], { cwd })).toMatchObject({ code: 0, stdout: "" });
    const { stdout } = await mcpfier(["lint", "bare.yaml", "--format", "concise"], { cwd });
    const rules = Array.from(stdout.matchAll(/\[([a-z-]+)\]$/gm), ([, rule]) => rule);
    expect(rules).toEqual(Array.from(yaml.matchAll(/# mcpfier-ignore: ([a-z-]+)/g), ([, rule]) => rule));
  });
});

describe("docs/moving.md", () => {
  const moving = pageOf("moving.md");

  it("shows what `mcpfier migrate` writes", async () => {
    const pairs = [...moving.matchAll(/```yaml\n# before\n([\s\S]*?)```\n\n```yaml\n# after\n([\s\S]*?)```/g)];
    expect(pairs).toHaveLength(2);
    for (const [, before = "", after = ""] of pairs) {
      const { code, stdout } = await mcpfier(["migrate"], { cwd: folder({ "config.yaml": before }) });
      expect({ code, stdout }).toEqual({ code: 0, stdout: after });
    }
  });
});

describe("docs/analytics.md", () => {
  const page = pageOf("analytics.md");

  it("has a block that loads without a finding", async () => {
    const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    const { catalogue, problems } = await load(`commands: []\n${yaml}`);
    expect(problems).toEqual([]);
    expect(catalogue?.settings.analytics).toEqual({
      enabled: true,
      databasePath: join(host.home, ".mcpfier/analytics.db"),
      retentionDays: 30,
    });
  });

  it("has every column of both tables, and every key of a report", () => {
    for (const { first, added } of TABLES)
      for (const [name] of [...first, ...added]) expect(page, name).toContain(`\`${name}\``);
    const path = join(folder(), "calls.db");
    databaseWith(path, [{ at: Date.now() - 1000, command: "a", ms: 1 }]);
    for (const by of [null, ...KEYS])
      for (const key of Object.keys(readReport({ path, days: 1, by, now: Date.now() }).report))
        expect(page, key).toContain(`\`${key}\``);
  });
});

describe("docs/outcomes.md", () => {
  it("has the codes of refusals that the code has", () => {
    const page = pageOf("outcomes.md");
    for (const [code, [exit, meaning]] of Object.entries(REFUSALS))
      expect(page).toContain(`| \`${code}\` | ${meaning} | ${exit} |`);
  });
});

describe("README.md", () => {
  const readme = readFileSync(join(DOCS, "../README.md"), "utf8");

  it("has a first catalogue that loads without a finding and passes its tests", async () => {
    const [yaml = ""] = [...readme.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
    const cwd = folder({ "mcpfier.yaml": yaml });
    const checked = await mcpfier(["--validate"], { cwd });
    expect(checked).toMatchObject({ code: 0, stdout: "" });
    expect((await mcpfier(["test"], { cwd })).stdout).toMatch(/: 2 passed, 0 failed\n$/);
    const ran = await mcpfier(["search_code", "--pattern", "TODO"], { cwd });
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(/mcpfier\.yaml:\d+:.*TODO/) });
  });

  it("names no key as supported that is not", () => {
    const [, list = ""] = /"not supported yet", never ignored: ([\s\S]*?)\.\n/.exec(readme) ?? [];
    expect(new Set(Array.from(list.matchAll(/`(\w+)`/g), ([, name]) => String(name)))).toEqual(reservedKeys());
  });
});
