import { type Registration, registrationsOn } from "../setup/registrations.ts";
import { type Paint, type Style, painter, printable } from "./print.ts";
import { type RegistrationOptions, USUAL_NAME } from "./registration-options.ts";
import { type Context, EXIT } from "./verb.ts";
import { wishedStart } from "./wish.ts";

/** Prints every client that is known, and what it knows of the server; gives the exit code. */
export async function tellClients(
  context: Context,
  { scope, name = USUAL_NAME }: RegistrationOptions,
  isJson: boolean,
): Promise<number> {
  const launch = (await wishedStart(context, [])) ?? null;
  const rows = await registrationsOn(context.host, { name, launch }, scope === "project" ? context.cwd : null);
  context.stdout.write(isJson ? asJson(rows) : table(rows, painter(context, context.stdout)));
  return EXIT.fine;
}

const SIGNS: Readonly<Record<Registration["state"], readonly [style: Style, sign: string, words: string]>> = {
  current: ["green", "✔", "registered, up to date"],
  registered: ["green", "✔", "registered"],
  outdated: ["yellow", "▲", "registered, not up to date: `mcpfier setup` mends it"],
  vanished: ["red", "✖", "was registered, and is gone: `mcpfier setup` mends it"],
  unknown: ["yellow", "▲", ""],
  absent: ["dim", "·", "not registered"],
  "by hand": ["dim", "·", "by hand: `mcpfier setup --print` prints the entry"],
};

function table(rows: readonly Registration[], paint: Paint): string {
  const cells = rows.map(({ client, evidence, file, state, reason }) => {
    const [style, sign, words] = SIGNS[state];
    return {
      sign: paint(style, sign),
      id: client.id,
      here: evidence === undefined ? "no" : "yes",
      words: printable(words === "" ? reason : words),
      file: printable(file),
    };
  });
  const width = Math.max(...cells.map(({ id }) => id.length));
  const words = Math.max(...cells.map((cell) => cell.words.length));
  const head = paint("bold", `  ${"client".padEnd(width)}  here  ${"registered".padEnd(words)}  file`);
  const lines = cells.map(({ sign, id, here, words: said, file }) =>
    `${sign} ${id.padEnd(width)}  ${here.padEnd(4)}  ${said.padEnd(words)}  ${file}`.trimEnd(),
  );
  return `${[head, ...lines].join("\n")}\n`;
}

function asJson(rows: readonly Registration[]): string {
  const data = rows.map(({ client, evidence, file, state, reason, last }) => ({
    client: client.id,
    name: client.name,
    installed: evidence !== undefined,
    evidence: evidence ?? null,
    file: file === "" ? null : file,
    registered: state === "current" || state === "outdated" || state === "registered",
    up_to_date: state === "current" ? true : state === "outdated" ? false : null,
    state,
    reason,
    last_start: last && { at: last.at, tools: last.tools },
  }));
  return `${JSON.stringify(data, null, 2)}\n`;
}
