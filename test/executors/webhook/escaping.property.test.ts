// Whatever a value is, the structure of the request stays that of the catalogue: other readers than ours take it apart again.
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Engine } from "../../../src/engine.ts";
import type { WebhookPlan } from "../../../src/executors/webhook/plan.ts";
import { OPTION_PAYLOADS, SHELL_PAYLOADS, anyText } from "../../command/hostile.ts";
import { engineOf } from "../../rig.ts";

const URL_PAYLOADS = [
  "?admin=1",
  "&admin=1",
  "#frag",
  "a#?b",
  "../admin",
  "..",
  ".",
  "%2e%2e",
  "%2E.",
  "%252e%252e",
  "..%2f..",
  "a/..",
  "..\\admin",
  "..\t",
  ".\n.",
  "..;x",
  "..%3fx",
  "/",
  "//evil.example/",
  "\\\\evil.example",
  "@evil.example",
  ":80",
  "http://evil.example/",
  ";x=1",
  "a=b&c=d",
  "a+b",
  "%00",
  "%0d%0aX: 1",
  "\r\nX: 1",
  "\t",
  " ",
  "",
  "=",
  "&",
  "?",
  "%",
];
const MARKUP_PAYLOADS = [
  "</a>",
  "<b/>",
  '"/><x y="',
  "' z='",
  "]]>",
  "<!--",
  "-->",
  "&lt;",
  "&#60;",
  "&evil;",
  "<![CDATA[",
  "<!DOCTYPE a>",
  "\r\n\t",
  "\u0085\u2028",
];
const JSON_PAYLOADS = [
  '","admin":true,"x":"',
  '\\","a":"',
  "}",
  '"',
  "\\",
  "null",
  "__proto__",
  "${{ other }}",
  "${HOME}",
  "\u2028",
];

/** Half of a pair, and NUL, no call can have. */
const hostile = fc
  .oneof(
    {
      arbitrary: fc.constantFrom(
        ...URL_PAYLOADS,
        ...MARKUP_PAYLOADS,
        ...JSON_PAYLOADS,
        ...SHELL_PAYLOADS,
        ...OPTION_PAYLOADS,
      ),
      weight: 3,
    },
    { arbitrary: anyText, weight: 1 },
    {
      arbitrary: fc
        .tuple(fc.constantFrom(...URL_PAYLOADS, ...MARKUP_PAYLOADS), fc.string({ unit: "binary", maxLength: 5 }))
        .map((two) => two.join("")),
      weight: 1,
    },
  )
  .map((text) => text.replaceAll("\0", "").toWellFormed());

const lists = fc.array(hostile, { maxLength: 3 });

async function engineWith(webhook: object, params: object): Promise<Engine> {
  const commands = [{ name: "t", description: "d", webhook: { url: "https://example.org/", ...webhook }, params }];
  return engineOf(JSON.stringify({ commands }));
}

async function planOf(engine: Engine, args: object): Promise<WebhookPlan | string> {
  const outcome = await engine.call({ tool: "t", arguments: args, dryRun: true });
  if (outcome.kind === "refused") return outcome.code;
  if (outcome.kind !== "planned" || outcome.plan.executor !== "webhook") throw new Error(`ended as ${outcome.kind}`);
  return outcome.plan;
}

const TEXT = { type: "string", required: true };

it("a URL keeps its host, its segments and the names of its query", async () => {
  const engine = await engineWith(
    { url: "https://example.org:8443/a/${{ x }}/b-${{ y }}.json?q=${{ x }}&fixed=1&r=pre${{ y }}&l=${{ list }}" },
    { x: TEXT, y: TEXT, list: { type: "array", items: { type: "string" } } },
  );
  let planned = 0;
  await fc.assert(
    fc.asyncProperty(hostile, hostile, lists, async (x, y, list) => {
      const plan = await planOf(engine, { x, y, list });
      if (typeof plan === "string") {
        expect(plan).toBe("arguments.invalid");
        return;
      }
      planned += 1;
      const url = new URL(plan.url);
      // It is normal already: no reader of URLs makes another one of it.
      expect(url.href).toBe(plan.url);
      expect(url.origin).toBe("https://example.org:8443");
      expect(url.username + url.password + url.hash).toBe("");
      const segments = url.pathname.split("/").map(decodeURIComponent);
      expect(segments).toEqual(["", "a", x, `b-${y}.json`]);
      const pairs = url.search
        .slice(1)
        .split("&")
        .map((pair) => pair.split("=").map(decodeURIComponent));
      expect(pairs).toEqual([["q", x], ["fixed", "1"], ["r", `pre${y}`], ...list.map((item) => ["l", item])]);
      expect(plan.url).toMatch(/^[!-~]+$/);
      // A proxy that decodes the path before it resolves it stays below it.
      for (const cut of [/[?#]/g, /[?#].*/gs, /;[^/]*/g]) {
        const twice = new URL(`https://example.org${decodeURIComponent(url.pathname).replaceAll(cut, "")}`);
        expect(twice.pathname.startsWith("/a/")).toBe(true);
      }
    }),
    { numRuns: 1500 },
  );
  expect(planned).toBeGreaterThan(500);
});

it("a form keeps its names", async () => {
  const engine = await engineWith(
    { body_format: "form", body: { "a[b]": "${{ x }}", l: ["${{ list }}"], c: "pre ${{ y }}", d: 1 } },
    { x: TEXT, y: TEXT, list: { type: "array", items: { type: "string" } } },
  );
  const written = await engineWith(
    { body_format: "form", body: "a%5Bb%5D=${{ x }}&c=pre+${{ y }}" },
    { x: TEXT, y: TEXT },
  );
  await fc.assert(
    fc.asyncProperty(hostile, hostile, lists, async (x, y, list) => {
      const pairs = await formOf(engine, { x, y, list });
      expect(pairs).toEqual([["a[b]", x], ...list.map((item) => ["l", item]), ["c", `pre ${y}`], ["d", "1"]]);
      expect(await formOf(written, { x, y })).toEqual([
        ["a[b]", x],
        ["c", `pre ${y}`],
      ]);
    }),
    { numRuns: 500 },
  );
});

async function formOf(engine: Engine, args: object): Promise<readonly (readonly string[])[]> {
  const plan = await planOf(engine, args);
  if (typeof plan === "string") throw new Error(plan);
  return [...new URLSearchParams(plan.body ?? "")];
}

it("JSON keeps its keys, and a value its type", async () => {
  const body = { a: "${{ x }}", "b c": ["pre ${{ y }}", { deep: "${{ any }}" }], n: null };
  const params = { x: TEXT, y: TEXT, any: {} };
  const engine = await engineWith({ body }, params);
  const written = await engineWith({ body_format: "json", body: JSON.stringify(body) }, params);
  const json = fc.jsonValue({ maxDepth: 3 }).filter((value) => isPassable(value));
  await fc.assert(
    fc.asyncProperty(hostile, hostile, json, async (x, y, any) => {
      const deep = any === null ? {} : { deep: any };
      const list = any === null ? [`pre ${y}`] : [`pre ${y}`, deep];
      for (const each of [engine, written]) {
        const plan = await planOf(each, { x, y, any });
        if (typeof plan === "string") throw new Error(plan);
        expect(JSON.parse(plan.body ?? "")).toStrictEqual(JSON.parse(JSON.stringify({ a: x, "b c": list, n: null })));
      }
    }),
    { numRuns: 500 },
  );
});

/** What every executor refuses: NUL, half of a pair, numbers that are no longer exact. */
function isPassable(value: unknown): boolean {
  if (typeof value === "string") return !value.includes("\0") && value.isWellFormed();
  if (typeof value === "number")
    return !Object.is(value, -0) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, inner]) => isPassable(key) && key !== "__proto__" && isPassable(inner));
}

it("XML keeps its elements and attributes", async () => {
  const params = { x: TEXT, y: TEXT };
  const built = await engineWith(
    { body_format: "xml", body: { a: { "@k": "${{ x }}", b: ["${{ y }}", { c: "pre ${{ x }}" }] } } },
    params,
  );
  const written = await engineWith(
    {
      body_format: "xml",
      body: "<a k=\"${{ x }}\" l='${{ y }}'><!-- x --><b>${{ y }}</b><![CDATA[<]]><c>pre ${{ x }}</c></a>",
    },
    params,
  );
  const cases = fc.sample(fc.tuple(hostile, hostile), { numRuns: 600, seed: 7 });
  const documents: string[] = [];
  const expected: unknown[] = [];
  for (const [x, y] of cases) {
    const plans = [await planOf(built, { x, y }), await planOf(written, { x, y })];
    for (const [at, plan] of plans.entries()) {
      if (typeof plan === "string") {
        expect(plan).toBe("arguments.invalid");
        expect(`${x}${y}`).toMatch(/[\p{Cc}\ufffe\uffff]/u);
        continue;
      }
      documents.push(plan.body ?? "");
      const pre = ["c", {}, `pre ${x}`, []];
      expected.push(
        at === 0
          ? [
              "a",
              { k: x },
              "",
              [
                ["b", {}, y, []],
                ["b", {}, "", [pre]],
              ],
            ]
          : ["a", { k: x, l: y }, "", [["b", {}, y, []], pre]],
      );
    }
  }
  expect(documents.length).toBeGreaterThan(600);
  expect(treesOf(documents)).toEqual(expected);
});

/** Documents as another reader sees them: name, attributes, text and children. */
function treesOf(documents: readonly string[]): unknown {
  const script = [
    "import json, sys, xml.etree.ElementTree as E",
    "def tree(e): return [e.tag, dict(e.attrib), e.text or '', [tree(c) for c in e]]",
    "print(json.dumps([tree(E.fromstring(d.encode())) for d in json.load(sys.stdin)]))",
  ].join("\n");
  const printed = execFileSync("python3", ["-c", script], { input: JSON.stringify(documents), maxBuffer: 2 ** 28 });
  return JSON.parse(printed.toString()) as unknown;
}

it("a header is one line, or the call is refused", async () => {
  const engine = await engineWith({ headers: { "X-A": "pre ${{ x }}" } }, { x: TEXT });
  let planned = 0;
  await fc.assert(
    fc.asyncProperty(hostile, async (x) => {
      const plan = await planOf(engine, { x });
      if (typeof plan === "string") {
        expect(plan).toBe("arguments.invalid");
        expect(x).toMatch(/[^\t\u0020-\u007e\u0080-\u00ff]/);
        return;
      }
      planned += 1;
      expect(plan.headers).toEqual([["X-A", `pre ${x}`]]);
      expect(new Headers([["X-A", `pre ${x}`]]).get("x-a")).toBe(`pre ${x}`.replace(/[\t ]+$/, ""));
    }),
    { numRuns: 500 },
  );
  expect(planned).toBeGreaterThan(100);
});
