import { join } from "node:path";
import type { Files } from "../base/files.ts";
import { isDead, isForeign, ownerId } from "../base/owner.ts";

/** How long, and how much in all, records are kept. */
export interface Bounds {
  readonly maxAgeMs: number;
  readonly maxBytes: number;
}

export interface SweepOptions {
  readonly files: Files;
  readonly folder: string;
  readonly bounds: Bounds;
  /** Whether this process writes or reads a record. */
  readonly isUsed: (id: string) => boolean;
  readonly removed: (id: string) => void;
  /** The disk has no room: the older half goes as well. */
  readonly isFull: boolean;
  /** Asked between the files; true ends the sweep. */
  readonly isEnough: () => boolean;
}

export const IS_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const IS_OWNER = /^\d+-\d+-\d+$/;
const IS_FILE = /^([0-9a-f-]{36})\.(?:stdout|stderr|json)$/;
/** A file takes a block of the disk at least. */
export const BLOCK = 4096;

/** What a sweep leaves. */
export interface Left {
  readonly bytes: number;
  /** When the next record will be too old, in milliseconds since 1970; null: there is none. */
  readonly expiresAt: number | null;
}

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
export async function sweep(options: SweepOptions): Promise<Left> {
  const { files, folder, bounds, isFull, isEnough } = options;
  const owners = (await files.readdir(folder)).filter((name) => IS_OWNER.test(name));
  const oldest = Date.now() - bounds.maxAgeMs;
  const found: Found[] = [];
  for (const owner of owners) found.push(...(await recordsOf(owner, oldest, options)));
  found.sort((a, b) => a.changedAt - b.changedAt);
  const isUsed = (record: Found): boolean => record.isUsed || options.isUsed(record.id);
  const used = bytesOf(found.filter(isUsed));
  let rest = bytesOf(found) - used;
  const most = isFull ? Math.min(rest / 2, roomBeside(used, bounds)) : roomBeside(used, bounds);
  let expiresAt: number | null = null;
  for (const record of found) {
    if (isEnough()) break;
    if (record.changedAt >= oldest) expiresAt ??= record.changedAt + bounds.maxAgeMs;
    if (record.changedAt >= oldest && rest <= most) break;
    if (isUsed(record)) continue;
    await remove(files, record);
    options.removed(record.id);
    rest -= record.bytes;
  }
  for (const owner of owners) await removeFolder(owner, oldest, options);
  return { bytes: used + rest, expiresAt };
}

/** What is in use counts, but never takes more than half of the room from the rest: it may be in use for long. */
function roomBeside(used: number, { maxBytes }: Bounds): number {
  return Math.max(maxBytes - used, maxBytes / 2);
}

function bytesOf(records: readonly Found[]): number {
  return records.reduce((sum, { bytes }) => sum + bytes, 0);
}

async function recordsOf(owner: string, oldest: number, options: SweepOptions): Promise<readonly Found[]> {
  const { files, folder, isEnough } = options;
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
  for (const record of records.filter(({ id, names: all }) => owner !== ownerId() && !all.includes(`${id}.json`))) {
    if (isDead(owner)) record.changedAt = Number.NEGATIVE_INFINITY;
    else record.isUsed = !isForeign(owner) || record.changedAt >= oldest;
  }
  return records;
}

async function remove(files: Files, { folder, id, names }: Found): Promise<void> {
  const facts = `${id}.json`;
  for (const name of [...names.filter((each) => each !== facts), facts])
    await files.unlink(join(folder, name)).catch(ignore);
}

/** That of a server which has ended, if nothing is in it. One that still runs makes its own again. */
async function removeFolder(owner: string, oldest: number, options: SweepOptions): Promise<void> {
  const { files, folder } = options;
  const path = join(folder, owner);
  const isOld = async (): Promise<boolean> => ((await files.stat(path).catch(ignore))?.mtimeMs ?? oldest) < oldest;
  if (isDead(owner) || (isForeign(owner) && (await isOld()))) await files.rmdir(path).catch(ignore);
}

function ignore(): undefined {
  // It is gone already, or cannot be removed now: the next sweep tries again.
}
