import { expect, it } from "vitest";
import { shownPlanned } from "../../src/pipeline/planned.ts";
import { engineOf, host } from "../rig.ts";

const env = {
  BASE_URL: "https://a.example:8443/v1/x?tenant=7",
  HOST: "a.example",
  FOLDER: "a b/c?d#e",
  PAIRS: "a=1&b=2",
  FIRST: "a=1",
  MY_API_KEY: "pa ss/wo&rd'(s)!=%41+${{ x }}",
  PERCENT: "100%",
};

/** The URL of a dry run, before and after what is shown of it. */
async function urlOf(url: string): Promise<readonly [asked: string, shown: unknown]> {
  const commands = [{ name: "t", description: "d", webhook: { url }, params: { q: { type: "string" } } }];
  const engine = await engineOf(JSON.stringify({ commands }), { host: { ...host, env } });
  const planned = await engine.call({ tool: "t", arguments: { q: "1&2" }, dryRun: true });
  if (planned.kind !== "planned" || planned.plan.executor !== "webhook") throw new Error(planned.kind);
  return [planned.plan.url, shownPlanned(planned)["url"]];
}

it.each([
  ["${BASE_URL}&q=${{ q }}", "https://a.example:8443/v1/x?tenant=7&q=1%262"],
  ["https://${HOST}/x", "https://a.example/x"],
  ["https://a.example/${FOLDER}/x", "https://a.example/a%20b/c%3Fd%23e/x"],
  ["https://a.example/?${PAIRS}&q=${{ q }}", "https://a.example/?a=1&b=2&q=1%262"],
  ["https://a.example/?${FIRST}&c=${PERCENT}", "https://a.example/?a=1&c=100%25"],
  ["https://a.example/?c=${UNSET:-x&y}-${PERCENT}", "https://a.example/?c=x%26y-100%25"],
])("what the environment gives keeps its place in a URL: %s", async (url, expected) => {
  expect(await urlOf(url)).toEqual([expected, expected]);
});

it("a secret in a URL is one value, whatever it holds, and no dry run shows it", async () => {
  const [asked, shown] = await urlOf("https://a.example/?k=${MY_API_KEY}&q=${{ q }}");
  expect([...new URL(asked).searchParams]).toEqual([
    ["k", env.MY_API_KEY],
    ["q", "1&2"],
  ]);
  expect(shown).toBe("https://a.example/?k=[redacted]&q=1%262");
});
