import type { Given } from "./given.ts";
import type { Origin } from "./origin.ts";
import type { Where } from "./place.ts";
import { inTurn, readState, stateFile, writeState } from "./state.ts";

/** A server that was registered, and how its last start went. */
export interface Remembered {
  readonly client: string;
  readonly file: string;
  readonly name: string;
  /** When, as ISO 8601. */
  readonly at: string;
  /** null: it did not start; undefined: that was not seen to its end. */
  readonly tools?: number | null;
  /** What its entry was made of; null: nobody noted that. */
  readonly given: Given | null;
  /** What was there before; null: nobody noted that. */
  readonly origin: Origin | null;
}

const FILE = "registrations.json";

/** All that was registered and not taken out again by us; what cannot be read counts as nothing. */
export function recall(where: Where): readonly Remembered[] {
  return read(where).rows;
}

/** What of it cannot be read and is ignored, in words; undefined: all is as it was written. */
export function damageIn(where: Where): string | undefined {
  const { fault } = read(where);
  return fault === "" ? undefined : `${stateFile(where, FILE)}, where mcpfier notes what was there before: ${fault}`;
}

/** What was there before a server was registered in a file, which several clients may read; null: nobody noted that. */
export function originIn(where: Where, file: string, name: string): Origin | null {
  return recall(where).find((row) => row.file === file && row.name === name && row.origin)?.origin ?? null;
}

/** Only for who has the turn. Rejects when it cannot be written. */
export function remember(where: Where, rows: readonly Remembered[]): Promise<void> {
  return writeState(where, FILE, rows);
}

/** Notes how a start went of a server that is still remembered then. */
export function rememberStart(where: Where, row: RowKey, tools: number | null): Promise<void> {
  const at = new Date().toISOString();
  return inTurn(where, async () => {
    const known = recall(where);
    const found = known.find((each) => isOf(each, row));
    if (found) await remember(where, [...known.filter((each) => each !== found), { ...found, at, tools }]);
  });
}

type RowKey = Pick<Remembered, "client" | "file" | "name">;

export function isOf(row: RowKey, { client, file, name }: RowKey): boolean {
  return row.client === client && row.file === file && row.name === name;
}

function read(where: Where): { readonly rows: readonly Remembered[]; readonly fault: string } {
  try {
    const all = readState(where, FILE) ?? [];
    if (!Array.isArray(all)) return { rows: [], fault: "a list is expected; what stands there is ignored" };
    const rows = all.flatMap(rowsOf);
    const bad = all.length - rows.length;
    return { rows, fault: bad === 0 ? "" : `${bad} of ${all.length} notes are damaged, and are ignored` };
  } catch {
    return { rows: [], fault: "it cannot be read, and is ignored" };
  }
}

/** Earlier versions noted less. */
function rowsOf(row: unknown): readonly Remembered[] {
  if (!isMap(row)) return [];
  const { client, file, name, at, tools, given = null, origin = null } = row;
  if (!isName(client) || !isName(file) || !isName(name) || !isTime(at)) return [];
  if (tools !== undefined && tools !== null && !isCount(tools)) return [];
  if ((given !== null && !isGiven(given)) || (origin !== null && !isOrigin(origin))) return [];
  return [{ client, file, name, at, ...(tools === undefined ? {} : { tools }), given, origin }];
}

function isName(value: unknown): value is string {
  return isText(value) && value !== "";
}

function isTime(value: unknown): value is string {
  return isText(value) && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value);
}

function isGiven(value: unknown): value is Given {
  if (!isMap(value)) return false;
  const { http, config, workspace, pass } = value;
  return [http, config, workspace].every(isTextOrNull) && Array.isArray(pass) && pass.every((each) => isText(each));
}

function isOrigin(value: unknown): value is Origin {
  if (!isMap(value)) return false;
  const { text, depth, stub } = value;
  return (text === undefined || isTextOrNull(text)) && isCount(depth) && isTextOrNull(stub);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || isText(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
