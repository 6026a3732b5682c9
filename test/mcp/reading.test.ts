// A client that asks for much and reads nothing.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { poll } from "../rig.ts";
import { wire } from "./wire.ts";

const YAML = `
commands: []
resources:
  - { uri: "big:///file", name: big, file: big.bin, max: 6MiB }
`;
const READS = 100;

test("the resources that a client asked for and does not take are not all read at once", async () => {
  const session = await wire(YAML);
  writeFileSync(join(session.folder, "big.bin"), Buffer.alloc(5 * 1024 * 1024, 1));
  session.child.stdout?.pause();
  const before = residentMiB(session.child.pid);
  const ids = Array.from({ length: READS }, (_, index) => index + 1);
  session.send(...ids.map((id) => ({ id, method: "resources/read", params: { uri: "big:///file" } })));
  // The answers together are 700 MB. What else it does meanwhile shows that it had its time.
  for (const times of [1, 2, 3]) {
    session.child.kill("SIGHUP");
    await poll(
      () => session.stderr().split("the catalogue is as it was").length > times,
      () => session.stderr(),
    );
    expect(residentMiB(session.child.pid) - before).toBeLessThan(200);
  }
  session.child.stdout?.resume();
  const answers = await Promise.all(ids.slice(0, 10).map((id) => session.answer(id)));
  for (const { result } of answers) expect(result?.["contents"]).toHaveLength(1);
});

function residentMiB(pid: number | undefined): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}
