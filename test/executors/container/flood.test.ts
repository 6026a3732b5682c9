// The server as it is published, and much output.
import { createHash } from "node:crypto";
import { createReadStream, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { describe, expect, it } from "vitest";
import { folder, mcpfier, poll } from "../../rig.ts";
import { type Raw, raw } from "../../mcp/raw.ts";
import { engine } from "./inside.ts";

const MIB = 1024 ** 2;
const LAST = 23_500_000;

const CATALOGUE = `
defaults: { container: "mcpfier/tools:test" }
commands:
  - { name: small, description: d, run: [seq, "1", "200000"] }
  - { name: flood, description: d, run: [seq, "1", "${LAST}"], timeout: 2m, limits: { output: 1GiB } }
  - { name: both, description: d, shell: sh, run: "seq 1 300000; seq 1 300000 >&2; exit 3" }
`;

/** The most memory that a process has had resident, in bytes. */
function peakOf({ child }: Raw): number {
  const [, kib = ""] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8")) ?? [];
  return Number(kib) * 1024;
}

/** Calls a tool to its end, which may take a while, and gives its facts. */
async function call(session: Raw, id: number, tool: string): Promise<Readonly<Record<string, unknown>>> {
  session.call(id, tool, {}, { progressToken: id });
  const isAnswered = (): boolean => session.messages().some((message) => message.id === id);
  for (let turn = 0; turn < 12 && !isAnswered(); turn++) await poll(isAnswered, () => "").catch(() => undefined);
  return (await session.answer(id)).result?._meta?.["mcpfier/call"] ?? {};
}

/** The bytes that `seq 1 LAST` prints, and their digest. */
function expected(last: number): { readonly bytes: number; readonly digest: string } {
  const hash = createHash("sha256");
  let bytes = 0;
  for (let at = 1; at <= last; at += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, last - at + 1) }, (_, index) => `${at + index}\n`).join("");
    bytes += lines.length;
    hash.update(lines);
  }
  return { bytes, digest: hash.digest("hex") };
}

describe("200 MB of output from a container", () => {
  it("is on record byte by byte, and the server does not grow by 64 MiB", async () => {
    const state = folder();
    const session = await raw(CATALOGUE, {}, { env: { DOCKER_HOST: engine, XDG_STATE_HOME: state } });
    expect(await call(session, 1, "small")).toMatchObject({ outcome: "completed" });
    const before = peakOf(session);
    const flood = await call(session, 2, "flood");
    expect((peakOf(session) - before) / MIB).toBeLessThan(64);
    const { bytes, digest } = expected(LAST);
    expect(bytes).toBeGreaterThan(200_000_000);
    expect(flood).toMatchObject({ outcome: "completed", exitCode: 0, stdoutBytes: bytes, stderrBytes: 0 });
    const record = readdirSync(state, { recursive: true, withFileTypes: true }).find(
      ({ name }) => name === `${String(flood["id"])}.stdout`,
    );
    const hash = createHash("sha256");
    await pipeline(createReadStream(join(record?.parentPath ?? "", record?.name ?? "")), hash);
    expect(hash.digest("hex")).toBe(digest);
  }, 180_000);

  it("goes through the command line as it is, each stream by itself", async () => {
    const cwd = folder({ "mcpfier.yaml": CATALOGUE });
    const ran = await mcpfier(["run", "both"], { cwd, env: { DOCKER_HOST: engine } });
    const { bytes, digest } = expected(300_000);
    expect([ran.code, ran.stdout.length]).toEqual([3, bytes]);
    expect(createHash("sha256").update(ran.stdout).digest("hex")).toBe(digest);
    expect(ran.stderr).toContain("\n299999\n300000\n");
  });
});
