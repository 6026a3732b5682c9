import type { LookupFunction } from "node:net";
import type { Hooks } from "./request.ts";

export interface HooksOptions {
  /** Connections at once, to one host and to all. */
  readonly perHost?: number;
  readonly inAll?: number;
  /** In place of the system's look-up of names. */
  readonly lookup?: LookupFunction;
}

export declare function createHooks(options?: HooksOptions): Hooks;
