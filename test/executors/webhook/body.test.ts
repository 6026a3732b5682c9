import { expect, it } from "vitest";
import { engineOf, host } from "../../rig.ts";
import { engineWith, serve } from "./service.ts";

it.each([
  '{"f": 1.0, "e": 1e2, "d":1, "d":2}',
  ' { "id" : 12345678901234567890,\n  "huge": 1e400 }\n',
  '["\\u00e9", "$${x}"]',
])("JSON that is written out, without placeholders, is sent as it is written: %s", async (body) => {
  const service = await serve((_asked, response) => response.end());
  const engine = await engineWith({ t: { webhook: { url: service.url, body, body_format: "json" } } });
  expect(await engine.call({ tool: "t", arguments: {} })).toMatchObject({ kind: "completed" });
  expect(service.asked[0]).toMatchObject({
    body: body.replace("$${", "${"),
    headers: { "content-type": "application/json" },
  });
});

it("JSON that is written out may hold what the environment gives, and is still JSON", async () => {
  const load = async (NAME: string): Promise<string | null> => {
    const webhook = { url: "https://a.example/", body: '{"a":  "${NAME}", "n": 1.0}', body_format: "json" };
    const commands = [{ name: "t", description: "d", webhook }];
    const engine = await engineOf(JSON.stringify({ commands }), { host: { ...host, env: { NAME } } });
    const planned = await engine.call({ tool: "t", arguments: {}, dryRun: true });
    return planned.kind === "planned" && planned.plan.executor === "webhook" ? planned.plan.body : null;
  };
  expect(await load("US$ ${{ x }}")).toBe('{"a":  "US$ ${{ x }}", "n": 1.0}');
  await expect(load('"')).rejects.toThrow("the body is not JSON");
});
