import { join } from "node:path";
import { expect, it } from "vitest";
import { serve } from "../executors/webhook/service.ts";
import { folder, mcpfier } from "../rig.ts";
import { query } from "../stores/analytics.ts";

it("the analytics keep why a request failed, in the words of its result and without a secret", async () => {
  const gone = await serve(() => undefined);
  await gone.close();
  const service = await serve(({ path }, response) => {
    if (path === "/none") response.writeHead(404).end("what it printed");
    else if (path === "/lost")
      response.writeHead(200, { "content-length": 100 }).write("what it printed", () => response.destroy());
    else response.writeHead(302, { location: "https://elsewhere.invalid/hush-hush" }).end();
  });
  const cwd = folder({
    "mcpfier.yaml": JSON.stringify({
      commands: [`${service.url}/none`, `${service.url}/lost`, `${service.url}/away`, `${gone.url}/hush-hush`].map(
        (url, at) => ({
          name: `c${at}`,
          description: "d",
          webhook: { url, allow_private: true, auth: { type: "bearer", token: "hush-hush" } },
        }),
      ),
      analytics: { enabled: true, database_path: "calls.db" },
    }),
  });
  for (const name of ["c0", "c1", "c2", "c3"]) await mcpfier([name], { cwd });
  const told = query(join(cwd, "calls.db"), "SELECT error_message FROM events ORDER BY id");
  expect(told.map((row) => row["error_message"])).toEqual([
    "HTTP 404 Not Found",
    expect.stringContaining(`${service.url} was asked, and the connection was lost before the whole answer came`),
    `${service.url} leads to https://elsewhere.invalid, which the webhook does not list in \`hosts\`; it is not followed`,
    expect.stringContaining(`refused (webhook.unreachable): ${gone.url} cannot be reached: nothing listens there`),
  ]);
  expect(JSON.stringify(told)).not.toMatch(/hush-hush|what it printed/);
});
