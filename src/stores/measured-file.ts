import type { OpenFile } from "../base/files.ts";
import { BLOCK } from "./sweep.ts";

/** What a file takes, and where it can get more. */
export interface Room {
  /** Told of the bytes that a file takes more than before. */
  grew(bytes: number): void;
  makeRoom(): Promise<void>;
}

/** A file of a record: its growth is counted, and a full disk is asked for room once. */
export async function measuredFile(create: () => Promise<OpenFile>, room: Room): Promise<OpenFile> {
  const file = await withRoom(room, create);
  let taken = 0;

  async function write(bytes: Buffer, position: number): Promise<number> {
    const count = await withRoom(room, async () => {
      const done = await file.write(bytes, position);
      if (done === 0) throw Object.assign(new Error("nothing was written"), { code: "ENOSPC" });
      return done;
    });
    const reached = Math.ceil((position + count) / BLOCK) * BLOCK;
    if (reached > taken) room.grew(reached - taken);
    taken = Math.max(taken, reached);
    return count;
  }

  return { ...file, write };
}

async function withRoom<T>({ makeRoom }: Room, attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOSPC" && code !== "EDQUOT") throw error;
    await makeRoom();
    return attempt();
  }
}
