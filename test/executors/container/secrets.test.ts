// A secret that a command in a container gets and prints: where it may be, and where it may not.
import { chmodSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { docker } from "../../engines.ts";
import { folder } from "../../rig.ts";
import { raw } from "../../mcp/raw.ts";
import { becomes, containersOfProcess, engine } from "./inside.ts";

const CANARY = 'canary/5c1e+"77aa" ~f0d1';
const ARGUMENT = "argument-9d27-of-the-file";

const CATALOGUE = JSON.stringify({
  defaults: { container: { image: "mcpfier/busybox:test", mounts: ["${{ workspace }}:/w"] } },
  commands: [
    {
      name: "tell",
      description: "d",
      shell: "sh",
      run: 'echo "it is $KEY"; echo "$KEY" >&2; cat "$arg_x"; while ! [ -e /w/go ]; do sleep 0.1; done; printf %s "$KEY" | base64',
      env: { KEY: "${CANARY_TOKEN}" },
      params: { x: { type: "string", as: "file", secret: true, required: true } },
      output: { stderr: "show" },
    },
    { name: "none", description: "d", run: ["/none/${CANARY_TOKEN}"] },
    {
      name: "unknown",
      description: "d",
      run: ["true"],
      container: { image: "mcpfier/none:test", pull: "never" },
      env: { KEY: "${CANARY_TOKEN}" },
    },
  ],
});

/** The command lines of all processes on the machine. */
function commandLines(): string {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => read(`/proc/${pid}/cmdline`))
    .join("\n");
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function filesIn(path: string): string {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");
}

function expectClean(what: string, text: string): void {
  for (const secret of [CANARY, ARGUMENT])
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), Buffer.from(secret).toString("base64")])
      expect(text.includes(form), `${what} holds ${form}`).toBe(false);
}

describe("a secret of a command in a container", () => {
  it("is in no command line and no label while it runs, and in no result, progress, record or log", async () => {
    const state = folder();
    const env = { DOCKER_HOST: engine, CANARY_TOKEN: CANARY, XDG_STATE_HOME: state };
    const session = await raw(CATALOGUE, {}, { env, args: ["--log-level", "debug"] });
    chmodSync(session.folder, 0o777);
    session.call(1, "tell", { x: ARGUMENT }, { progressToken: 1 });
    const [container] = await becomes(
      () => containersOfProcess(session.child.pid),
      (all) => all[0]?.State === "running",
    );
    await becomes(
      () => Promise.resolve(session.messages()),
      (all) => all.some(({ params }) => String(params?.["message"]).includes("[redacted]")),
    );
    expect(commandLines()).toContain("while ! [ -e /w/go ]");
    expectClean("a command line", commandLines());
    expectClean("a label", JSON.stringify(container?.Labels));
    // It got there by the engine's API.
    const inspected = await docker(engine, "inspect", "--format={{json .Config.Env}}", container?.Id ?? "");
    expect(inspected).toContain(JSON.stringify(`KEY=${CANARY}`).slice(1, -1));
    expectClean(
      "what the engine starts",
      await docker(engine, "inspect", "--format={{json .Config.Cmd}} {{json .HostConfig}}", container?.Id ?? ""),
    );
    writeFileSync(join(session.folder, "go"), "");
    const { result } = await session.answer(1);
    expect(JSON.stringify(result)).toContain("it is [redacted]");
    session.call(2, "none", {});
    session.call(3, "unknown", {});
    session.call(4, "tell", { x: ARGUMENT }, { "mcpfier/dryRun": true });
    await Promise.all([2, 3, 4].map((id) => session.answer(id)));
    await session.end();
    expectClean("what was answered", JSON.stringify(session.messages()));
    expectClean("the log", session.stderr());
    expect(filesIn(state)).toContain("it is [redacted]");
    expectClean("a record", filesIn(state));
  });
});
