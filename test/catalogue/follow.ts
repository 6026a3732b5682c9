// A catalogue in files that is followed in this process.
import { join } from "node:path";
import type { Catalogue } from "../../src/catalogue/catalogue.ts";
import { type Loaded, loadCatalogue } from "../../src/catalogue/load.ts";
import { watchCatalogue } from "../../src/catalogue/watch.ts";
import { RESERVED } from "../../src/cli/words.ts";
import { atEnd, folder, host, poll } from "../rig.ts";

export const command = (name: string, more = ""): string =>
  `  - { name: ${name}, description: Says hello., run: [echo, hello]${more} }\n`;
export const catalogue = (...all: readonly string[]): string => `commands:\n${all.map((name) => command(name)).join("")}`;
export const read = (file: string): Promise<Loaded> => loadCatalogue(file, { host, reserved: RESERVED });
export const names = (of: Catalogue | null): readonly string[] | undefined => of?.commands.map((each) => each.name);

export interface FollowOptions {
  /** Where the catalogue is, in its folder. */
  readonly file?: string;
  /** Done between the first reading of the files and the begin of following them; told the folder. */
  readonly meanwhile?: (path: string) => void;
}

/** The answer, and what its follower was told. */
export function follow(text: string, files: Readonly<Record<string, string>> = {}, options: FollowOptions = {}) {
  return followIn(folder({ "mcpfier.yaml": text, ...files }), options);
}

/** The same in a folder that is there already. */
export async function followIn(
  path: string,
  { file: name = "mcpfier.yaml", meanwhile = nothing }: FollowOptions = {},
) {
  const file = join(path, name);
  const { catalogue: first, facts } = await read(file);
  if (!first) throw new Error("the first catalogue must be good");
  meanwhile(path);
  const changes: Catalogue[] = [];
  const failures: Loaded[] = [];
  const counts = { loads: 0, unchanged: 0 };
  let [beforeLoad, afterLoad] = [nothing, nothing];
  const watching = watchCatalogue({
    first: { catalogue: first, facts },
    host,
    load: async () => {
      counts.loads += 1;
      const [before, after] = [beforeLoad, afterLoad];
      [beforeLoad, afterLoad] = [nothing, nothing];
      before();
      const loaded = await read(file);
      after();
      return loaded;
    },
    changed: (next) => changes.push(next),
    failed: (loaded) => failures.push(loaded),
    unchanged: () => (counts.unchanged += 1),
  });
  atEnd(() => watching.close());
  const served = (): readonly string[] | undefined => names(changes.at(-1) ?? first);
  return {
    path,
    file,
    changes,
    failures,
    counts,
    served,
    reload: watching.reload,
    /** Does something when the files have stood still, and just before they are read. */
    onceBeforeLoad: (then: () => void) => void (beforeLoad = then),
    /** Does something between the next reading of the files and the use of what was read. */
    onceAfterLoad: (then: () => void) => void (afterLoad = then),
    servesSoon: (expected: readonly string[]) =>
      poll(
        () => JSON.stringify(served()) === JSON.stringify(expected),
        () => `served are ${JSON.stringify(served())}, not ${JSON.stringify(expected)}`,
      ),
    failsSoon: (times = 1) =>
      poll(
        () => failures.length >= times,
        () => `${failures.length} failures were told, not ${times}`,
      ),
  };
}

function nothing(): void {
  // Nothing is to be done.
}
