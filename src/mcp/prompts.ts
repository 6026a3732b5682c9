import {
  type GetPromptResult,
  type Prompt as ListedPrompt,
  type PromptMessage,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
} from "@modelcontextprotocol/server";
import { didYouMean } from "../base/nearest.ts";
import type { Values } from "../command/arguments.ts";
import { fillText } from "../command/fill.ts";
import type { Message, Prompt } from "../command/prompt.ts";
import { argumentsOf } from "../command/use.ts";
import { encodePath } from "../command/uri.ts";
import type { Engine } from "../engine.ts";
import { createCleaner } from "../pipeline/cleaner.ts";
import type { Content } from "../pipeline/content.ts";
import { createWaitingRoom } from "../pipeline/waiting-room.ts";
import type { Approvals } from "./approvals.ts";
import { askingOf } from "./asking.ts";
import { readPieces } from "./catalogue-resources.ts";
import { toBlock } from "./content.ts";
import type { FollowRequest } from "./following.ts";
import { iconsOf } from "./icons.ts";
import { pageOf } from "./page.ts";
import { type PromptAsking, settlePrompt } from "./prompt-arguments.ts";
import { type Asking, fileContent, printedContent, refusedAs } from "./pieces.ts";

/** A picture of a prompt at most; clients take no more than about this. */
const MOST_IMAGE = 1024 ** 2;

/** The prompts of the catalogue: listed, and made with the arguments that a person gave. */
export function servePrompts(
  server: Server,
  engine: Engine,
  { follow, approvals }: { readonly follow: FollowRequest; readonly approvals: Approvals },
): void {
  const room = createWaitingRoom();
  server.setRequestHandler("prompts/list", ({ params }, context) => {
    const { items, next } = pageOf(engine.catalogue().prompts, params?.cursor);
    const revision = server.getNegotiatedProtocolVersion();
    const isAsked = askingOf(server, context, approvals).clerk !== undefined;
    return { prompts: items.map((each) => toPrompt(each, { revision, isAsked })), ...next };
  });
  server.setRequestHandler("prompts/get", async ({ params }, context) => {
    const prompt = findPrompt(engine, params.name);
    const revision = server.getNegotiatedProtocolVersion();
    const asking = askingOf(server, context, approvals);
    const { signal } = context.mcpReq;
    await using following = follow(context);
    const around = { engine, signal, follow: following.follow, revision, fill: asking.clerk?.fill, room };
    try {
      return await makePrompt(prompt, params.arguments ?? {}, around);
    } catch (error) {
      const question = asking.question();
      if (question) return question;
      throw error;
    }
  });
}

/** A prompt as `prompts/list` shows it to a client of a revision; undefined: the newest. What its user can be asked for later need not be given. */
export function toPrompt(
  { name, title, description, icons, params, inputSchema, ask }: Prompt,
  { revision, isAsked }: { readonly revision?: string | undefined; readonly isAsked: boolean },
): ListedPrompt {
  const later = new Set(isAsked ? ask.map((field) => field.name) : []);
  const properties = inputSchema["properties"] as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  const told = (argument: string, key: "title" | "description"): object => {
    const text = properties[argument]?.[key];
    return typeof text === "string" ? { [key]: text } : {};
  };
  return {
    name,
    ...(title === "" ? {} : { title }),
    ...(description === "" ? {} : { description }),
    ...iconsOf(icons, revision),
    ...(params.length === 0
      ? {}
      : {
          arguments: params.map((each) => ({
            name: each.name,
            ...told(each.name, "title"),
            ...told(each.name, "description"),
            required: each.required && !later.has(each.name),
          })),
        }),
  };
}

export function findPrompt(engine: Engine, name: string): Prompt {
  const { prompts } = engine.catalogue();
  const found = prompts.find((each) => each.name === name);
  if (found) return found;
  const names = prompts.map((each) => each.name);
  const words = [`there is no prompt "${name}"`, didYouMean(name, names)].filter((part) => part !== "");
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, words.join("; "));
}

interface Around extends Asking, Pick<PromptAsking, "fill" | "room"> {
  readonly revision: string | undefined;
}

async function makePrompt(
  prompt: Prompt,
  given: Readonly<Record<string, string>>,
  { revision, fill, room, ...asking }: Around,
): Promise<GetPromptResult> {
  const { secrets } = asking.engine.catalogue();
  const settled = await settlePrompt(prompt, given, { fill, room, signal: asking.signal, secrets }).catch(
    refusedAs(secrets),
  );
  const values = new Map(settled).set("workspace", prompt.workspace);
  const messages: PromptMessage[] = [];
  for (const { role, content } of prompt.messages) {
    const pieces = await contentOf(content, values, asking);
    messages.push(...pieces.map((piece) => ({ role, content: toBlock(piece, revision) })));
  }
  if (messages.length === 0) {
    const optional = prompt.params.filter(({ name }) => !values.has(name)).map(({ name }) => name);
    const text = `every message mentions an argument that was not given; give one of ${optional.join(", ")}`;
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, text);
  }
  return { ...(prompt.description === "" ? {} : { description: prompt.description }), messages };
}

/** None where the message vanishes. */
async function contentOf(content: Message["content"], values: Values, asking: Asking): Promise<readonly Content[]> {
  const { secrets } = asking.engine.catalogue();
  if (content.kind === "command")
    return printedContent(asking, { tool: content.use.command, arguments: argumentsOf(content.use, values) });
  if (content.kind === "text") {
    const text = fillText(content.template, values);
    return text === undefined ? [] : [{ kind: "text", text: createCleaner(secrets)(text) }];
  }
  if (content.kind === "resource") {
    // An argument that is the whole address is one already.
    const uri = fillText(content.uri, content.uri.length === 1 ? values : encoded(values));
    return uri === undefined ? [] : readPieces(uri, asking);
  }
  const path = fillText(content.file.path, values);
  if (path === undefined) return [];
  const piece = await fileContent(path, content.file.rule, { most: MOST_IMAGE, mime: "", uri: "", secrets });
  if (piece.kind === "resource" && piece.mime.startsWith("image/") && "base64" in piece.body)
    return [{ kind: "image", mime: piece.mime, base64: piece.body.base64 }];
  const text = `${path} is ${piece.kind === "resource" ? piece.mime : "a text"}; expected a picture`;
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, text);
}

/** As part of an address. */
function encoded(values: Values): Values {
  return new Map([...values].map(([name, value]) => [name, typeof value === "string" ? encodePath(value) : value]));
}
