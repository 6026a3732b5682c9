import type { Data } from "./data.ts";
import type { Resolve } from "./json-schema.ts";

/** What all operations of an API share. */
export interface Api {
  /** What variables of the environment begin with. */
  readonly variable: string;
  readonly servers: unknown;
  readonly security: unknown;
  readonly schemes: Data;
  readonly resolve: Resolve;
}
