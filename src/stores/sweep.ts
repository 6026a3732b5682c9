import { join } from "node:path";
import type { Files } from "../base/files.ts";

/** How long, and how much in all, records are kept. */
export interface Bounds {
  readonly maxAgeMs: number;
  readonly maxBytes: number;
}

export interface SweepOptions {
  readonly files: Files;
  readonly folder: string;
  readonly bounds: Bounds;
  /** The name of the folder of this process. */
  readonly own: string;
  readonly isDead: (owner: string) => boolean;
  /** Whether this process writes or reads a record. */
  readonly isUsed: (id: string) => boolean;
  readonly removed: (id: string) => void;
  /** Asked between the files; true ends the sweep. */
  readonly isEnough: () => boolean;
}

export const IS_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const IS_OWNER = /^\d+-\d+-\d+$/;
const IS_FILE = /^([0-9a-f-]{36})\.(?:stdout|stderr|json)$/;
/** A file takes a block of the disk at least. */
const BLOCK = 4096;

/** The files of one record. */
interface Found {
  readonly folder: string;
  readonly id: string;
  readonly names: string[];
  bytes: number;
  changedAt: number;
  isUsed: boolean;
}

/** Removes records that are too old, then the oldest until what is left is little enough, and what killed servers left behind. */
export async function sweep(options: SweepOptions): Promise<void> {
  const { files, folder, bounds, isEnough } = options;
  const owners = (await files.readdir(folder)).filter((name) => IS_OWNER.test(name));
  const found: Found[] = [];
  for (const owner of owners) found.push(...(await recordsOf(owner, options)));
  found.sort((a, b) => a.changedAt - b.changedAt);
  let total = found.reduce((sum, record) => sum + record.bytes, 0);
  const oldest = Date.now() - bounds.maxAgeMs;
  for (const record of found) {
    if (isEnough()) return;
    if (record.changedAt >= oldest && total <= bounds.maxBytes) break;
    if (record.isUsed || options.isUsed(record.id)) continue;
    await remove(files, record);
    options.removed(record.id);
    total -= record.bytes;
  }
  for (const owner of owners.filter(options.isDead)) await files.rmdir(join(folder, owner)).catch(ignore);
}

async function recordsOf(owner: string, options: SweepOptions): Promise<readonly Found[]> {
  const { files, folder, own, isDead, isEnough } = options;
  const path = join(folder, owner);
  const found = new Map<string, Found>();
  // A link would lead elsewhere.
  const isFolder = (await files.stat(path).catch(ignore))?.isDirectory();
  const names = isFolder === true ? await files.readdir(path).catch(() => []) : [];
  for (const name of names) {
    const id = IS_FILE.exec(name)?.[1];
    const stat = id === undefined || isEnough() ? undefined : await files.stat(join(path, name)).catch(ignore);
    if (id === undefined || stat === undefined) continue;
    const record = found.get(id) ?? { folder: path, id, names: [], bytes: 0, changedAt: 0, isUsed: false };
    found.set(id, record);
    record.names.push(name);
    record.bytes += Math.ceil(stat.size / BLOCK) * BLOCK;
    record.changedAt = Math.max(record.changedAt, stat.mtimeMs);
  }
  const records = [...found.values()];
  // Of ours, the store knows which ones are in use.
  for (const record of records.filter(({ id, names: all }) => owner !== own && !all.includes(`${id}.json`))) {
    if (isDead(owner)) record.changedAt = Number.NEGATIVE_INFINITY;
    else record.isUsed = true;
  }
  return records;
}

async function remove(files: Files, { folder, id, names }: Found): Promise<void> {
  const facts = `${id}.json`;
  for (const name of [...names.filter((each) => each !== facts), facts])
    await files.unlink(join(folder, name)).catch(ignore);
}

function ignore(): undefined {
  // It is gone already, or cannot be removed now: the next sweep tries again.
}
