import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { faultOf } from "../base/files.ts";
import type { Host } from "../base/host.ts";
import { object } from "./facts.ts";

/** The folder of Docker's command line: DOCKER_CONFIG, else `~/.docker`. */
export function dockerFolder(host: Host): string {
  return host.env["DOCKER_CONFIG"] || join(host.home, ".docker");
}

/** A JSON object of that folder; an empty one when there is no such file. Rejects with a sentence when it cannot be read. */
export async function readJson(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return object(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new Error(`${path} cannot be read: ${error instanceof SyntaxError ? "it is not JSON" : faultOf(error)}`, {
      cause: error,
    });
  }
}
