import { type CompleteResult, ProtocolError, ProtocolErrorCode, type Server } from "@modelcontextprotocol/server";
import { pathsBelow } from "../command/below.ts";
import { type Signature, parameterOf } from "../command/command.ts";
import { listFolder } from "../command/folder.ts";
import type { FolderSource, Resource } from "../command/resource.ts";
import type { Engine } from "../engine.ts";
import { findPrompt } from "./prompts.ts";
import { safely } from "./safely.ts";

/** The protocol's own bound. */
const MOST = 100;

/** Values for an argument while a person types it. */
export function serveCompletions(server: Server, engine: Engine): void {
  server.setRequestHandler(
    "completion/complete",
    safely(async ({ params }) => {
      const { ref, argument } = params;
      if (ref.type === "ref/prompt")
        return shown(await valuesFor(findPrompt(engine, ref.name), argument.name, argument.value));
      const resource = findTemplate(engine, ref.uri);
      const { source } = resource;
      return shown(
        await (source.kind === "folder" && argument.name === "path"
          ? filesFor(source, argument.value)
          : valuesFor(resource, argument.name, argument.value)),
      );
    }),
  );
}

function findTemplate(engine: Engine, uri: string): Resource {
  const found = engine.catalogue().resources.find((each) => each.uri.text === uri);
  if (found) return found;
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, `no resource has the address ${JSON.stringify(uri)}`);
}

/** Those that are listed, so that nothing is offered that cannot be read. */
async function filesFor(source: FolderSource, typed: string): Promise<readonly string[]> {
  const { files } = await listFolder(source).catch(() => ({ files: [] }));
  return files.filter((path) => path.startsWith(typed));
}

async function valuesFor(signature: Signature, name: string, typed: string): Promise<readonly string[]> {
  const parameter = parameterOf(signature, name);
  if (!parameter) {
    const names = signature.params.map((each) => each.name).join(", ") || "none";
    const text = `there is no argument "${name}"; expected one of ${names}`;
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, text);
  }
  const properties = signature.inputSchema["properties"] as Readonly<Record<string, Words>>;
  const { enum: choices, type } = properties[name] ?? {};
  const fixed = choices?.map(String) ?? (type === "boolean" ? ["true", "false"] : undefined);
  if (fixed) return fixed.filter((value) => value.toLowerCase().startsWith(typed.toLowerCase()));
  return parameter.path && !typed.includes("\0") ? pathsBelow(typed, parameter.path) : [];
}

interface Words {
  readonly enum?: readonly unknown[];
  readonly type?: unknown;
}

function shown(values: readonly string[]): CompleteResult {
  const hasMore = values.length > MOST;
  return { completion: { values: values.slice(0, MOST), total: values.length, hasMore } };
}
