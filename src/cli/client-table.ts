import { type Registration, registrationsOn } from "../setup/registrations.ts";
import { type Style, columnsOf, painter } from "./print.ts";
import { type RegistrationOptions, USUAL_NAME } from "./registration-options.ts";
import { type Context, EXIT } from "./verb.ts";
import { ailmentOf, mendOf } from "./registration-state.ts";
import { table } from "./table.ts";
import { wishedStart } from "./wish.ts";

/** Prints every client that is known, and what it knows of the server; gives the exit code. */
export async function tellClients(
  context: Context,
  { scope, name = USUAL_NAME }: RegistrationOptions,
  isJson: boolean,
): Promise<number> {
  const launch = (await wishedStart(context, [])) ?? null;
  const rows = await registrationsOn(context.host, { name, launch }, scope === "project" ? context.cwd : null);
  context.stdout.write(isJson ? asJson(rows) : shown(rows, context));
  return EXIT.fine;
}

const SIGNS: Readonly<Record<Registration["state"], readonly [sign: string, words: string]>> = {
  current: ["✔", "registered, up to date"],
  registered: ["✔", "registered"],
  outdated: ["▲", "registered, not up to date: `MEND` mends it"],
  vanished: ["✖", "was registered, and is gone: `MEND` mends it"],
  unknown: ["▲", ""],
  absent: ["·", "not registered"],
  "by hand": ["·", "by hand: `mcpfier setup --print` prints the entry"],
};

const STYLES: ReadonlyMap<string, Style> = new Map([
  ["✔", "green"],
  ["▲", "yellow"],
  ["✖", "red"],
]);

function shown(rows: readonly Registration[], context: Context): string {
  const paint = painter(context, context.stdout);
  const { cwd, global } = context;
  const cells = rows.map((row) => {
    const { client, evidence, file, state, reason } = row;
    const ailment = ailmentOf(row);
    const [sign, words] = ailment === undefined ? SIGNS[state] : ["✖", `${ailment}: \`MEND\` mends it`];
    const told =
      words === ""
        ? reason
        : words.replace("MEND", () => mendOf(row, { cwd, config: global.config, hasCatalogue: true }));
    return [sign, client.id, evidence === undefined ? "no" : "yes", told, file];
  });
  return table(cells, {
    paint,
    columns: columnsOf(context.stdout),
    head: ["", "client", "here", "registered", "file"],
    wide: "wrap",
    dress: (cell, column, [sign = ""]) => (column === 0 ? paint(STYLES.get(sign) ?? "dim", cell) : cell),
  });
}

function asJson(rows: readonly Registration[]): string {
  const data = rows.map((row) => asRow(row));
  return `${JSON.stringify(data, null, 2)}\n`;
}

function asRow(row: Registration): object {
  const { client, evidence, file, state, reason, last } = row;
  return {
    client: client.id,
    name: client.name,
    installed: evidence !== undefined,
    evidence: evidence ?? null,
    file: file === "" ? null : file,
    registered: state === "current" || state === "outdated" || state === "registered",
    up_to_date: state === "current" ? true : state === "outdated" ? false : null,
    state,
    reason,
    fault: ailmentOf(row) ?? null,
    last_start: last?.tools === undefined ? null : { at: last.at, tools: last.tools },
  };
}
