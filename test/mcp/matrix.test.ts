// Every client behind every door: what each does, and that two at once stay apart.
import { randomUUID } from "node:crypto";
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folder, poll } from "../rig.ts";
import { CLIENTS, DOORS, type Party } from "./party.ts";

const YAML = `
commands:
  - name: greet
    description: Says hello
    run: [echo, "hello \${{ name }}"]
    params: { name: { type: string, required: true } }
  - { name: careful, description: Asks first, run: [echo, done], confirm: Shall it be done? }
  - name: slow
    description: Says that it has begun, and waits for a file
    shell: sh
    run: |
      trap 'touch "$arg_file.stopped"; exit 1' TERM
      echo "$arg_canary begun" >&2
      echo "$arg_canary runs"
      until [ -e "$arg_file" ]; do sleep 0.02; done
      echo "$arg_canary done"
    params:
      canary: { type: string, required: true }
      file: { type: string, required: true }
  - name: much
    description: Prints more than is shown
    run: [seq, -f, "\${{ canary }} %g", "20"]
    params: { canary: { type: string, required: true, pattern: "[a-z0-9-]+" } }
    output: { max: 300B }
  - name: later
    description: Goes on as a job
    shell: sh
    run: until [ -e "$arg_file" ]; do sleep 0.02; done
    handoff: 10ms
    params: { file: { type: string, required: true } }
`;

const PAIRS = Object.keys(DOORS).flatMap((door) => Object.keys(CLIENTS).map((client) => ({ door, client })));

/** Two of a client, behind a door to the same catalogue. */
async function meet(client: string, door: string): Promise<{ readonly path: string; readonly parties: Party[] }> {
  const path = folder({ "mcpfier.yaml": YAML });
  const env = { PATH: process.env["PATH"] ?? "", XDG_STATE_HOME: folder() };
  const doors = (await DOORS[door]?.(join(path, "mcpfier.yaml"), env)) ?? [];
  return { path, parties: await Promise.all(doors.flatMap((each) => CLIENTS[client]?.(each) ?? [])) };
}

const heardBy = ({ heard }: Party): string => JSON.stringify(heard);

describe.each(PAIRS)("$client over $door", ({ client, door }) => {
  test("lists, calls, follows, cancels, confirms, makes a task, and hears of a change", async () => {
    const { path, parties } = await meet(client, door);
    const [party] = parties;
    if (!party) throw new Error("nobody came");
    expect(await party.tools()).toEqual(expect.arrayContaining(["greet", "careful", "slow"]));
    const answer = await party.call("greet", { name: "Ada" });
    expect(answer.content).toEqual([{ type: "text", text: "hello Ada\n" }]);
    expect(await party.call("greet", {})).toMatchObject({ isError: true });

    const file = join(path, "go");
    const stop = new AbortController();
    const asked = expect(party.call("slow", { canary: "it", file }, stop.signal)).rejects.toThrow(/abort/i);
    await poll(
      () => /it (?:begun|runs)/.test(heardBy(party)),
      () => `no progress: ${heardBy(party)}`,
    );
    stop.abort();
    await asked;
    await poll(
      () => existsSync(`${file}.stopped`),
      () => "the command was not stopped",
    );

    expect(await party.call("careful", {})).toMatchObject({ content: [{ text: "done\n" }] });
    expect(heardBy(party)).toContain("Shall it be done?");

    const end = join(path, "end");
    const task = party.task("slow", { canary: "task", file: end });
    writeFileSync(end, "");
    expect((await task).content[0]?.text).toContain("task done");
    expect(heardBy(party).includes("taskId")).toBe(!/auto|2026/.test(client));

    const changed = YAML.replace("name: greet", "name: welcome");
    writeFileSync(join(path, "next"), changed);
    renameSync(join(path, "next"), join(path, "mcpfier.yaml"));
    await poll(
      () => heardBy(party).includes("tools/list_changed"),
      () => `not told of the change: ${heardBy(party)}`,
    );
    expect(await party.tools()).toContain("welcome");
    expect(await party.call("welcome", { name: "Bob" })).toMatchObject({ content: [{ text: "hello Bob\n" }] });
    await expect(party.call("greet", { name: "Bob" })).rejects.toThrow(/removed from the catalogue/);
  });

  test("hears, reads and gets nothing of what another does at the same time", async () => {
    const { path, parties } = await meet(client, door);
    const go = join(path, "go");
    const [ours, theirs] = await Promise.all(parties.map((party) => visit(party, go)));
    if (!ours || !theirs) throw new Error("one is missing");
    for (const [mine, other] of [
      [ours, theirs],
      [theirs, ours],
    ] as const) {
      const { party, canary } = mine;
      expect(heardBy(party)).toContain(`"${canary} `);
      expect(mine.answers).toContain(`${canary} done`);
      expect(heardBy(party) + mine.answers).not.toContain(other.canary);
      expect(await party.read(mine.record)).toContain(canary);
      expect(JSON.stringify(await party.call("mcpfier_job_wait", { job: mine.job, seconds: 10 }))).toContain(
        "completed",
      );
      // Over HTTP clients of 2026-07-28 are told apart by nothing: who knows an id has access.
      const isApart = door === "stdio" || !/auto|2026/.test(client);
      if (!isApart) continue;
      expect(await party.resources()).toContain(mine.record);
      expect(await party.resources()).not.toContain(other.record);
      expect(await party.call("mcpfier_job_wait", { job: other.job, seconds: 1 })).toMatchObject({ isError: true });
      // Servers on stdio are those of one user, who goes on in another one.
      if (door === "stdio") continue;
      await expect(party.read(other.record)).rejects.toThrow(/there is no record/);
      expect(await party.call("mcpfier_read_output", { call: other.call })).toMatchObject({ isError: true });
    }
  });
});

async function visit(party: Party, go: string) {
  const canary = `canary-${randomUUID()}`;
  const slow = party.call("slow", { canary, file: go });
  await poll(
    () => heardBy(party).includes(`"${canary} `),
    () => `no progress: ${heardBy(party)}`,
  );
  const job = (await party.call("later", { file: go }))._meta?.["mcpfier/call"]?.["id"];
  const much = await party.call("much", { canary });
  writeFileSync(go, "");
  const call = String(much._meta?.["mcpfier/call"]?.["id"]);
  return {
    party,
    canary,
    job,
    call,
    record: `mcpfier://calls/${call}/stdout`,
    answers: JSON.stringify([much, await slow]),
  };
}
