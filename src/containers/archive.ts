import type { IncomingMessage } from "node:http";
import { setDeadline } from "../base/deadline.ts";
import { lostFault, slowFault } from "./exchange.ts";
import { EngineFault } from "./fault.ts";
import type { Wire } from "./wire.ts";

/** What stands at a path in a container; `other`: a folder and the like, or a file longer than 256 KiB. */
export type Entry =
  | { readonly kind: "file"; readonly bytes: Buffer }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "other" };

const MOST_BYTES = 256 * 1024;
const BLOCK = 512;
/** Of what may stand before and after the file: headers, and theirs. */
const MORE_BYTES = 64 * BLOCK;

/** Reads one file of a container, running or not, out of the archive that its engine makes of it; null: there is none. */
export async function entryAt(
  name: string,
  wire: Wire,
  { id, path, deadlineMs }: { readonly id: string; readonly path: string; readonly deadlineMs: number },
): Promise<Entry | null> {
  const query = new URLSearchParams({ path }).toString();
  try {
    const body = await wire.open({ method: "GET", path: `/containers/${id}/archive?${query}`, deadlineMs });
    return entryIn(await beginningOf(name, body, deadlineMs));
  } catch (error) {
    if (error instanceof EngineFault && error.status === 404) return null;
    throw error;
  }
}

async function beginningOf(name: string, body: IncomingMessage, deadlineMs: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  let isLate = false;
  const stopClock = setDeadline(deadlineMs, () => {
    isLate = true;
    body.destroy();
  });
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MOST_BYTES + MORE_BYTES) return Buffer.concat(chunks);
    }
  } catch {
    throw isLate ? slowFault(name, deadlineMs) : lostFault(name);
  } finally {
    stopClock();
  }
  if (!body.complete) throw isLate ? slowFault(name, deadlineMs) : lostFault(name);
  return Buffer.concat(chunks);
}

/** The first entry of a tar archive (POSIX pax, `ustar`). */
function entryIn(archive: Buffer): Entry {
  for (let at = 0; at + BLOCK <= archive.length;) {
    const header = archive.subarray(at, at + BLOCK);
    const size = sizeIn(header);
    if (size === null) break;
    const kind = String.fromCharCode(header[KIND] ?? 0);
    const begin = at + BLOCK;
    if (kind === "2") return { kind: "link", target: textIn(header, 157, 257) };
    if (kind === "0" || kind === "\0") {
      const isWhole = size <= MOST_BYTES && begin + size <= archive.length;
      return isWhole ? { kind: "file", bytes: archive.subarray(begin, begin + size) } : { kind: "other" };
    }
    // What stands before the entry that it is about: times and names that a header has no room for.
    if (!"xgKL".includes(kind)) break;
    at = begin + Math.ceil(size / BLOCK) * BLOCK;
  }
  return { kind: "other" };
}

const KIND = 156;

/** Null: no octal number, which only files of gigabytes have. */
function sizeIn(header: Buffer): number | null {
  const octal = textIn(header, 124, 136).trim();
  return /^[0-7]+$/.test(octal) ? Number.parseInt(octal, 8) : null;
}

function textIn(header: Buffer, from: number, to: number): string {
  return header.toString("utf8", from, to).replace(/\0.*$/s, "");
}
