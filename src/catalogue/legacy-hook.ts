import { type Change, held, inSeconds, isEmpty, removed, reworded } from "./legacy-change.ts";
import { type MappingNode, type Node, child } from "./node.ts";

/** What a command may hold beside a webhook, and what the original then passed over. */
export const BESIDE: readonly string[] = ["script", "args", "container"];

/** What a webhook of the original may leave empty. */
const OPTIONAL: readonly string[] = ["method", "headers", "body", "body_format", "auth", "retry"];

/** Words that the original took in any case. */
const WORDS: Readonly<Record<string, RegExp>> = {
  method: /^(?:get|post|put|patch|delete|head|options)$/i,
  body_format: /^(?:json|xml|form|text)$/i,
  type: /^(?:bearer|api_key|basic)$/i,
  backoff: /^(?:exponential|linear|fixed)$/i,
};

/** Whether a command is a request, as it was in the original: a `webhook` with a `url` goes before a `script`. */
export function isHook(command: MappingNode): boolean {
  const url = urlOf(command);
  return url !== undefined && !isEmpty(url) && !command.entries.has("run") && !command.entries.has("shell");
}

/** A `webhook` that says nothing was none; only beside a `script` is there anything to do without it. */
export function emptyHook(command: MappingNode): readonly Change[] {
  return held(command, ["webhook"]).flatMap((at) => {
    const url = urlOf(command);
    return isEmpty(at.entry.value) || (url && isEmpty(url)) ? [removed(at, "an empty `webhook` is none")] : [];
  });
}

/** What a request of the original writes otherwise than today's. */
export function hookChanges(command: MappingNode): readonly Change[] {
  const webhook = child(command, "webhook");
  const [auth, retry] = ["auth", "retry"].map((key) => webhook && child(webhook, key));
  return [
    ...besides(command),
    ...held(webhook, OPTIONAL).flatMap((at) =>
      isEmpty(at.entry.value) ? [removed(at, `an empty \`${at.key}\` is none`)] : [],
    ),
    ...inCapitals(webhook, "method"),
    ...inLowerCase(webhook, "body_format"),
    ...inLowerCase(auth, "type"),
    ...inLowerCase(retry, "backoff"),
    ...oauth(auth),
    ...held(retry, ["delay"]).flatMap(inSeconds),
  ];
}

/** The nodes of a request that are texts, whatever YAML takes them for; the second list: also where they keep their spelling. */
export function hookTexts(command: MappingNode): readonly [headers: readonly Node[], others: readonly Node[]] {
  const webhook = child(command, "webhook");
  const [headers, auth, body] = ["headers", "auth", "body"].map((key) => webhook && child(webhook, key));
  return [valuesOf(headers), [...valuesOf(auth), ...(body ? [body] : [])]];
}

function urlOf(command: MappingNode): Node | undefined {
  const webhook = child(command, "webhook");
  return webhook?.kind === "mapping" ? child(webhook, "url") : undefined;
}

function valuesOf(node: Node | undefined): readonly Node[] {
  return node?.kind === "mapping" ? Array.from(node.entries.values(), ({ value }) => value) : [];
}

/** A block is today's language, in which a request has no container. */
function besides(command: MappingNode): readonly Change[] {
  return held(command, BESIDE).flatMap((at) => {
    const { value } = at.entry;
    if (isEmpty(value)) return [removed(at, `an empty \`${at.key}\` is none`)];
    if (at.key === "container" && (value.kind !== "scalar" || value.value === false)) return [];
    return [removed(at, `\`${at.key}\` beside a \`webhook\` never ran in the original MCPFier, and does not here`)];
  });
}

function inLowerCase(node: Node | undefined, key: string): readonly Change[] {
  return held(node, [key]).flatMap((at) => {
    const { value } = at.entry;
    const text = value.kind === "scalar" ? value.text : "";
    const today = text.toLowerCase();
    if (today === text || !WORDS[key]?.test(text)) return [];
    return [reworded(at, today, `\`${key}: ${text}\` is written in small letters today`)];
  });
}

/** In small letters it is today's, too. */
function inCapitals(node: Node | undefined, key: string): readonly Change[] {
  return held(node, [key]).flatMap((at) => {
    const { value } = at.entry;
    const text = value.kind === "scalar" ? value.text : "";
    const today = text.toUpperCase();
    if (today === text || text.toLowerCase() === text || !WORDS[key]?.test(text)) return [];
    return [reworded(at, today, `\`${key}: ${text}\` is written in capitals today`)];
  });
}

/** The original knew the word, and refused each call. */
function oauth(auth: Node | undefined): readonly Change[] {
  return held(auth, ["type"]).flatMap((at) => {
    const { value } = at.entry;
    if (value.kind !== "scalar" || !/^oauth$/i.test(value.text)) return [];
    const today = at.within.entries.has("token") ? "bearer" : "oauth2";
    return [reworded(at, today, "`oauth`, which the original MCPFier did not carry out, has another name")];
  });
}
