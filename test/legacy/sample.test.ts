// The original's sample file, written anew from the keys that its documents name.
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { serve } from "../executors/webhook/service.ts";
import { type Ran, folder, mcpfier } from "../rig.ts";

const SAMPLE = resolve(import.meta.dirname, "../catalogue/ok/original.yaml");
const PROGRAMS = ["list-files", "echo-test", "check-status", "list-port", "python-analysis"];
const REQUESTS = ["list-users", "add-user", "replace-order", "send-form", "send-note", "show-limits"];

/** Its database is in the home folder. */
async function sample(
  args: readonly string[],
  { service = "http://127.0.0.1:8080", home = folder() } = {},
): Promise<Ran> {
  return mcpfier(["-c", SAMPLE, ...args], {
    env: { MCPFIER_TEST_WHO: "world", MCPFIER_TEST_SERVICE: service, HOME: home },
  });
}

describe("the original's sample file", () => {
  it("validates with warnings only", async () => {
    const { code, stdout } = await sample(["--validate"]);
    expect(code).toBe(0);
    expect(stdout).not.toContain("error[");
    expect(stdout).toContain("warning[legacy]");
  });

  it("lists and dry-runs", async () => {
    const list = await sample(["list", "--json"]);
    const names = (JSON.parse(list.stdout) as readonly { readonly name: string }[]).map(({ name }) => name);
    expect(names).toEqual([...PROGRAMS, ...REQUESTS]);
    const { code, stdout } = await sample(["--dry-run"]);
    expect(code).toBe(0);
    const plans = JSON.parse(stdout) as readonly { readonly outcome: string }[];
    expect(plans.map(({ outcome }) => outcome)).toEqual(names.map(() => "planned"));
  });

  it("runs its local commands", async () => {
    expect(await sample(["echo-test"])).toMatchObject({ code: 0, stdout: "Hello from MCPFier!\n" });
    expect(await sample(["check-status"])).toMatchObject({ code: 0, stdout: "production\nworld\n" });
    expect(await sample(["list-files"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("original.yaml") as string,
    });
  });

  it("runs its requests, with all four kinds of credentials, and records each", async () => {
    const home = folder();
    const service = await serve(({ path }, response, _socket, count) => {
      if (path === "/token") {
        response.writeHead(200, { "Content-Type": "application/json" });
        response.end('{"access_token": "granted", "token_type": "Bearer", "expires_in": 3600}');
        return;
      }
      const isFirst = path === "/orders/1" && service.asked.filter((each) => each.path === path).length === 1;
      response.writeHead(isFirst ? 503 : 200).end(`answer ${count}\n`);
    });
    for (const name of REQUESTS) {
      const { code, stdout, stderr } = await sample([name], { service: service.url, home });
      expect([name, code, stdout], stderr).toEqual([name, 0, expect.stringMatching(/^answer \d+\n$/)]);
    }
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;
    const order = { method: "PUT", path: "/orders/1", body: "<order><item>tea</item></order>" };
    const key = { "x-order-key": "k-1", "content-type": "application/xml" };
    expect(service.asked).toMatchObject([
      {
        method: "GET",
        path: "/users?all=yes",
        headers: { "user-agent": "MCPFier/1.0", "x-version": "1.10" },
        body: "",
      },
      { method: "POST", path: "/users", headers: { authorization: "Bearer t-world", "x-sent-by": "mcpfier" } },
      { ...order, headers: key },
      { ...order, headers: key },
      { method: "POST", path: "/forms", headers: { authorization: basic("robot:0123") } },
      { method: "POST", path: "/token", headers: { authorization: basic("robot:s-world") } },
      { method: "POST", path: "/notes", headers: { authorization: "Bearer granted" }, body: "Call me." },
      { method: "GET", path: "/limits", headers: { "x-api-key": "k-2" } },
    ]);
    const bodyOf = (path: string): string =>
      service.asked.find((each) => each.path === path && each.body !== "")?.body ?? "";
    expect(JSON.parse(bodyOf("/users"))).toEqual({ name: "world", tags: ["a", 1] });
    expect([...new URLSearchParams(bodyOf("/forms"))]).toEqual([
      ["name", "Ann Lee"],
      ["age", "41"],
    ]);
    expect(new URLSearchParams(bodyOf("/token")).get("scope")).toBe("notes.write");
    const told = await sample(["--analytics", "--json"], { home });
    expect(JSON.parse(told.stdout)).toMatchObject({
      database: join(home, ".mcpfier/analytics.db"),
      total_commands: REQUESTS.length,
      success_rate: 100,
    });
  });

  it("is migrated, and then means the same", async () => {
    const { code, stdout } = await sample(["migrate", SAMPLE]);
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/^ *(?:script|args):/m);
    expect(stdout).toContain("  # Numbers and words are texts, and an empty value is none\n");
    expect(stdout).toContain("type: oauth2");
  });
});
