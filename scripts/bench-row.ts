// Measures one row for scripts/bench.ts, and says what came of it.
import { mkdirSync, rmSync } from "node:fs";
import type { Order, Said } from "./bench/alone.ts";
import { endEngine } from "./bench/containers.ts";
import { begin } from "./bench/lives.ts";
import { entryOf } from "./bench/record.ts";
import { rows } from "./bench/rows.ts";
import { ROOM, profileInto } from "./bench/server.ts";

const { id, effort, profile } = JSON.parse(process.argv[2] ?? "") as Order;
if (profile !== undefined) profileInto(profile);
mkdirSync(ROOM, { mode: 0o700 });
begin(ROOM, () => {
  rmSync(ROOM, { recursive: true, force: true });
  endEngine();
});
// Who asked may have ended.
process.once("disconnect", () => process.exit(1));
if (!process.connected) process.exit(1);
// A row that waits for nothing any more ends this process.
process.channel?.unref();
const said = await measured();
process.send?.(said, () => process.exit());

async function measured(): Promise<Said> {
  const row = rows.find((each) => each.id === id);
  if (row === undefined) return { fault: `there is no row ${id}` };
  try {
    return { entry: await entryOf(() => row.measure(effort)) };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}
