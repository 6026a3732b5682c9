import { spawnSync } from "node:child_process";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { serve } from "../executors/webhook/service.ts";
import { type Session, clients } from "../mcp/clients.ts";
import { folder, mcpfier, poll } from "../rig.ts";
import { type Got, SERVICE, ask, startUsers } from "./service.ts";

const CATALOGUE = resolve(import.meta.dirname, "../../examples/users/mcpfier.yaml");

interface User {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly address?: Readonly<Record<string, string>>;
  readonly card?: Readonly<Record<string, string>>;
}

interface Page {
  readonly total: number;
  readonly users: readonly User[];
}

const ADDRESS = { street: "1 Karl Johans gate", city: "Oslo", postcode: "0154", country: "NO" };
const CARD = { number: "4000001234567890", brand: "visa", expires: "2031-05" };
const ANN = { name: 'Ann "the" Ek', email: "ann@example.org", address: ADDRESS, card: CARD };
const SHOWN = { ...ANN, card: { ...CARD, number: "************7890" } };

const kinds = clients.filter(({ name }) => name === "SDK 1" || name === "SDK 2 (auto)");

function openTwo(url: string): Promise<Session> {
  const [, two] = kinds;
  if (!two) throw new Error("there is no client of SDK 2");
  return two.open(CATALOGUE, { USERS_URL: url });
}

describe("a client", () => {
  test.each(kinds)("of $name adds, gets, changes, finds and deletes users", async ({ open }) => {
    const { url, log } = await startUsers();
    const session = await open(CATALOGUE, { USERS_URL: url });
    expect((await session.tools()).map(({ name }) => name).filter((name) => !name.startsWith("mcpfier_"))).toEqual([
      "get_user",
      "search_users",
      "add_user",
      "update_user",
      "delete_user",
    ]);

    const added = await session.call("add_user", ANN);
    expect(added).toMatchObject({
      structuredContent: { id: 1001, ...SHOWN },
      _meta: {
        "mcpfier/call": { outcome: "completed", status: 201, headers: { location: "/users/1001" }, attempt: 1 },
      },
    });
    expect(JSON.parse(added.content[0]?.text ?? "")).toEqual({ id: 1001, ...SHOWN });
    expect((await session.call("get_user", { id: 1001 })).structuredContent).toEqual({ id: 1001, ...SHOWN });

    const moved = { id: 1001, ...SHOWN, address: { ...ADDRESS, city: "Bergen" } };
    const updated = await session.call("update_user", { id: 1001, address: { city: "Bergen" } });
    expect(updated.structuredContent).toEqual(moved);
    expect((await session.call("get_user", { id: 1001 })).structuredContent).toEqual(moved);

    const page = async (args: object): Promise<Page> =>
      (await session.call("search_users", { ...args })).structuredContent as Page;
    const first = await page({ q: "oslo" });
    const second = await page({ q: "oslo", offset: 20 });
    expect([first.users.length, second.users.length]).toEqual([20, 20]);
    expect([first.total, second.total]).toEqual([125, 125]);
    const ids = [...first.users, ...second.users].map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].toSorted((one, other) => one - other));
    expect((await page({ limit: 100, offset: 1000 })).users).toEqual([moved]);
    expect(await page({ q: "bergen" })).toEqual({ total: 1, limit: 20, offset: 0, users: [moved] });

    const deleted = await session.call("delete_user", { id: 1001 });
    expect(deleted).toMatchObject({ content: [{ text: "(HTTP 204 No Content, without a body)" }] });
    expect(deleted.isError).not.toBe(true);
    const gone = await session.call("get_user", { id: 1001 });
    expect(gone).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/^failed: HTTP 404 Not Found\n[\s\S]*there is no user 1001/) }],
      _meta: { "mcpfier/call": { outcome: "failed", status: 404 } },
    });
    expect(gone.structuredContent).toBeUndefined();
    await vi.waitFor(() =>
      expect(log().filter((line) => !line.startsWith("GET /users "))).toEqual([
        "POST /users 201",
        "GET /users/1001 200",
        "PATCH /users/1001 200",
        "GET /users/1001 200",
        "DELETE /users/1001 204",
        "GET /users/1001 404",
      ]),
    );
  });

  test("reaches no other route by a value, and is told of a mistake in words", async () => {
    const { url, log } = await startUsers();
    const session = await openTwo(url);
    for (const [tool, args] of [
      ["get_user", { id: "../1" }],
      ["get_user", { id: "1?admin=1" }],
      ["delete_user", { id: "1/../2" }],
      ["update_user", { id: 1, card: { number: "************7890" } }],
      ["add_user", { ...ANN, admin: true }],
    ] as const)
      expect(await session.call(tool, args)).toMatchObject({
        isError: true,
        _meta: { "mcpfier/call": { outcome: "refused", code: "arguments.invalid" } },
      });

    const { structuredContent: page } = await session.call("search_users", { q: "oslo&limit=1&q=#/../2" });
    expect(page).toEqual({ total: 0, limit: 20, offset: 0, users: [] });
    const twice = await session.call("add_user", { ...ANN, email: "ADA.Aalto@example.org" });
    expect(twice).toMatchObject({ isError: true, _meta: { "mcpfier/call": { status: 409 } } });
    expect(twice.content[0]?.text).toContain("another user has this email address");
    // Nothing of what was refused is among them.
    await vi.waitFor(() => expect(log()).toEqual(["GET /users 200", "POST /users 409"]));
  });

  test("is told of a service that is down before the timeout, and reaches it again when it is back", async () => {
    const service = await startUsers();
    const session = await openTwo(service.url);
    expect(await session.call("get_user", { id: 1 })).toMatchObject({ structuredContent: { name: "Ada Aalto" } });
    expect(await service.stop()).toBe(0);
    for (const [tool, args] of [
      ["get_user", { id: 1 }],
      ["add_user", ANN],
    ] as const)
      expect(await session.call(tool, args)).toMatchObject({
        isError: true,
        content: [{ text: expect.stringContaining(`${service.url} cannot be reached: nothing listens there`) }],
        _meta: { "mcpfier/call": { outcome: "refused", code: "webhook.unreachable" } },
      });
    await startUsers({ port: service.port });
    expect(await session.call("get_user", { id: 1 })).toMatchObject({ structuredContent: { name: "Ada Aalto" } });
    expect(await session.call("add_user", ANN)).toMatchObject({ structuredContent: { id: 1001 } });
  });
});

test("the command line passes the example's own tests, and shows and changes a user", async () => {
  const { url } = await startUsers();
  const env = { USERS_URL: url };
  expect((await mcpfier(["test", CATALOGUE], { env })).stdout).toMatch(/: 17 passed, 0 failed\n$/);
  const shown = await mcpfier(["-c", CATALOGUE, "get_user", "--id", "5"], { env });
  expect(shown.code).toBe(0);
  expect(JSON.parse(shown.stdout)).toMatchObject({ id: 5, name: "Claude Aalto" });
  expect(shown.stdout).not.toContain('"card"');
  const words = ["run", "-c", CATALOGUE, "update_user", "--id", "5", "--card", JSON.stringify(CARD)];
  expect(JSON.parse((await mcpfier(words, { env })).stdout)).toMatchObject({ id: 5, card: SHOWN.card });
  const planned = await mcpfier(["--dry-run", ...words.slice(1)], { env });
  expect(planned.stdout).toContain("PATCH");
  expect(planned.stdout).not.toContain(CARD.number);
});

test("a DELETE whose answer is lost is not sent again, as the second answer would be that there is no such user", async () => {
  const service = await serve((_asked, _response, socket) => socket.destroy());
  const env = { USERS_URL: service.url };
  const { code, stderr } = await mcpfier(["-c", CATALOGUE, "delete_user", "--id", "7"], { env });
  expect(code).not.toBe(0);
  expect(stderr).not.toContain("404");
  expect(service.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(["DELETE /users/7"]);
});

describe("the service", () => {
  test.each([
    ["--port", "abc"],
    ["PORT", "abc"],
    ["PORT", "65536"],
    ["PORT", "-1"],
    ["PORT", "1.5"],
  ])("says of %s %j what it takes, and ends", (where, port) => {
    const ran = spawnSync(process.execPath, [SERVICE, ...(where === "PORT" ? [] : [where, port])], {
      encoding: "utf8",
      timeout: 10_000,
      env: { ...process.env, ...(where === "PORT" ? { PORT: port } : {}) },
    });
    expect(ran).toMatchObject({
      status: 2,
      stdout: "",
      stderr: `the port must be a whole number from 0 to 65535, not "${port}"\n`,
    });
  });

  test("tells what is wrong with a request, and changes nothing", async () => {
    const { url, port, log } = await startUsers();
    const json = { "Content-Type": "application/json" };
    const cases: readonly (readonly [number, RegExp, Promise<Got>])[] = [
      [404, /there is no user 5000/, ask(`${url}/users/5000`, "GET")],
      [404, /ID is a whole number/, ask(`${url}/users/1%3Fadmin%3D1`, "GET")],
      [404, /ID is a whole number/, ask(`${url}/users/1/`, "GET")],
      [405, /there are GET, PATCH, DELETE/, ask(`${url}/users/1`, "POST", "{}")],
      [400, /limit must be a whole number from 1 to 100/, ask(`${url}/users?limit=101`, "GET")],
      [400, /offset must be/, ask(`${url}/users?offset=-1`, "GET")],
      [400, /not JSON/, ask(`${url}/users`, "POST", "{")],
      [400, /the body must be a JSON object/, ask(`${url}/users`, "POST", "[]")],
      [400, /name is missing.*email is missing/, ask(`${url}/users`, "POST", "{}")],
      [400, /__proto__ is not a field/, ask(`${url}/users/1`, "PATCH", '{"__proto__": {"name": "x"}}')],
      [400, /address\.city must be a text/, ask(`${url}/users/1`, "PATCH", '{"address": {"city": 1}}')],
      [400, /card\.number is missing/, ask(`${url}/users/5`, "PATCH", '{"card": {"brand": "visa"}}')],
      [400, /email is missing/, ask(`${url}/users/1`, "PATCH", '{"email": null}')],
      [409, /another user/, ask(`${url}/users/1`, "PATCH", '{"email": "ALAN.aalto@example.org"}')],
      [413, /16384 bytes at most/, ask(`${url}/users`, "POST", JSON.stringify({ name: "x".repeat(20_000) }))],
      [415, /application\/json/, ask(`${url}/users`, "POST", "name=x", { "Content-Type": "text/plain" })],
      [421, /no other host/, ask(`${url}/users`, "GET", undefined, { ...json, Host: "evil.example" })],
    ];
    for (const [status, detail, asked] of cases) {
      const got = await asked;
      expect([got.status, got.headers["content-type"]]).toEqual([status, "application/problem+json"]);
      expect(JSON.parse(got.body)).toEqual({ status, detail: expect.stringMatching(detail) });
    }
    const half = connect(Number(port), "127.0.0.1", () => {
      half.write(
        "POST /users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
      );
      half.destroySoon();
    });
    half.resume();
    await poll(
      () => log().length === cases.length + 1,
      () => `the body that broke off is not told: ${log().join("\n")}`,
    );
    expect(log().at(-1)).toBe("POST /users 400");
    expect((await ask(`${url}/users/1`, "HEAD")).body).toBe("");
    expect(JSON.parse((await ask(`${url}/users?limit=1`, "GET")).body)).toMatchObject({
      total: 1000,
      users: [{ id: 1, name: "Ada Aalto", email: "ada.aalto@example.org", card: { number: "************0000" } }],
    });
  });

  test("keeps its users in a file, gives no id twice, and finds whatever the case and the letters are", async () => {
    const database = join(folder(), "users.db");
    const before = await startUsers({ database });
    const person = { name: "50% _ 'Zoë'", email: "zoe@example.org" };
    expect((await ask(`${before.url}/users`, "POST", JSON.stringify(person))).headers.location).toBe("/users/1001");
    expect((await ask(`${before.url}/users/1001`, "DELETE")).status).toBe(204);
    await ask(`${before.url}/users`, "POST", JSON.stringify(person));
    expect((await ask(`${before.url}/users/1`, "PATCH", '{"card": null}')).status).toBe(200);
    expect(await before.stop()).toBe(0);

    const { url } = await startUsers({ database });
    for (const [q, total] of [
      ["ZOË", 1],
      ["50% _", 1],
      ["%", 1],
      ["' OR 1=1 --", 0],
      ["", 1001],
    ] as const)
      expect(JSON.parse((await ask(`${url}/users?limit=1&q=${encodeURIComponent(q)}`, "GET")).body)).toMatchObject({
        total,
      });
    expect(JSON.parse((await ask(`${url}/users/1002`, "GET")).body)).toEqual({ id: 1002, ...person });
    expect(JSON.parse((await ask(`${url}/users/1`, "GET")).body)).not.toHaveProperty("card");
  });
});
