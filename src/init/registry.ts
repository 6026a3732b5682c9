import type { Importer } from "./importer.ts";
import { genMcp } from "./importers/gen-mcp.ts";
import { justfile } from "./importers/justfile.ts";
import { makefile } from "./importers/makefile.ts";
import { mcpShell } from "./importers/mcpshell.ts";
import { openapi } from "./importers/openapi.ts";
import { packageJson } from "./importers/package-json.ts";
import { taskfile } from "./importers/taskfile.ts";

/** Everything that can be read for a catalogue, in the order in which files are looked at. */
export const importers: readonly Importer[] = [packageJson, justfile, makefile, taskfile, openapi, mcpShell, genMcp];
