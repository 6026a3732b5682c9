import type { Loaded } from "../../catalogue/load.ts";
import type { Context } from "../verb.ts";
import type { Told } from "./told.ts";

/** One thing that `mcpfier doctor` looks at. `found` is the catalogue that would be served; null: there is none. */
export type Check = (context: Context, found: Found | null) => Promise<readonly Finding[]>;

export interface Found {
  readonly file: string;
  readonly loaded: Loaded;
}

export interface Finding {
  /** `warning`: it works, and could be better; `error`: something does not work. */
  readonly status: "fine" | "warning" | "error";
  readonly name: string;
  readonly text: Told;
  /** What to do about it; empty when there is nothing to do. */
  readonly mend: string;
}

/** PATH as desktop applications give it to the servers that they start. */
export const DESKTOP_PATH = "/usr/bin:/bin:/usr/sbin:/sbin";
/** The other variables that clients pass on, by the SDK that most are made of. */
export const PASSED_ON = new Set(["HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER"]);
