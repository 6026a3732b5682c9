import { fillText } from "../command/fill.ts";
import type { Message, MessageContent, Prompt } from "../command/prompt.ts";
import { mentioned } from "../command/template.ts";
import type { Draft, Setting } from "./draft.ts";
import { readAsk } from "./ask.ts";
import { namesOfAll, readCompletions } from "./completions.ts";
import { readFilePlace } from "./file-place.ts";
import { readIcons } from "./icons.ts";
import { readParams } from "./params.ts";
import { type Reader, readerWithoutCall, templateOf } from "./places.ts";
import { type Resources, withoutOptions } from "./resources.ts";
import { shownText } from "./shown-text.ts";
import { createUnique } from "./unique.ts";
import { warnUnused } from "./unused.ts";
import { type Known, namesOfUse, readUse } from "./use.ts";

const KINDS = ["text", "resource", "image", "command"] as const;

/** What prompts are read against. */
interface Around {
  readonly known: Known;
  readonly resources: Resources;
  readonly setting: Setting;
}

/** Reads all prompts of a catalogue; those with mistakes are reported and left out. */
export function readPrompts(drafts: readonly Draft[], around: Around): readonly Prompt[] {
  const isUnique = createUnique("prompt");
  return drafts.flatMap((draft) => {
    isUnique(draft, "name");
    return readPrompt(draft, around) ?? [];
  });
}

function readPrompt(draft: Draft, around: Around): Prompt | null {
  const params = readParams(draft, false, withoutOptions(around.setting));
  const messages = messagesOf(draft).flatMap(
    (each) => readMessage(readerWithoutCall(each, params, "prompt"), around) ?? [],
  );
  const completions = readCompletions(draft, around.known, (each) => readerWithoutCall(each, params, "prompt"));
  const told = { title: shownText(draft, "title"), description: shownText(draft, "description") };
  const ask = readAsk(draft, params);
  const icons = readIcons(draft, around.setting);
  if (!draft.isSound()) return null;
  warnUnused(draft, params, [...messages.flatMap(({ content }) => namesIn(content)), ...namesOfAll(completions)]);
  return {
    name: draft.text("name"),
    ...told,
    icons,
    params: params.list,
    inputSchema: params.inputSchema,
    completions,
    workspace: around.setting.workspace,
    ask,
    messages,
  };
}

/** The messages, or the prompt itself where it is short for one. */
function messagesOf(draft: Draft): readonly Draft[] {
  const isShort = draft.mayHave("text") || draft.mayHave("command");
  const isLong = draft.mayHave("messages");
  if (isShort && isLong) {
    const message = "`text` and `command` are short for one message, and there are `messages`";
    draft.error(draft.at("messages"), "prompt", message, "keep one way of saying it");
    return [];
  }
  if (isShort) return [draft];
  if (!isLong) draft.error(draft.at("name"), "prompt", "the prompt says nothing", "add `text:` or `messages:`");
  const list = draft.nodeOf("messages");
  const items = list?.kind === "sequence" ? list.items : [];
  return items.flatMap((item) => (item.kind === "mapping" ? [draft.inside(item)] : []));
}

function readMessage(reader: Reader, around: Around): Message | null {
  const { draft } = reader;
  const kinds = KINDS.filter((kind) => draft.mayHave(kind));
  if (kinds.length !== 1) {
    const said = kinds.length === 0 ? "nothing" : kinds.map((kind) => `\`${kind}\``).join(" and ");
    return draft.error(draft.node, "prompt", `a message is one of ${KINDS.join(", ")}, and this one is ${said}`);
  }
  const [kind = "text"] = kinds;
  if (kind !== "command" && draft.mayHave("args"))
    draft.error(draft.at("args"), "prompt", "`args` are those of a `command`", "remove them");
  const content = READ[kind](reader, around);
  return content && { role: (draft.get("role") as Message["role"] | undefined) ?? "user", content };
}

type ReadContent = (reader: Reader, around: Around) => MessageContent | null;

const READ: Readonly<Record<(typeof KINDS)[number], ReadContent>> = {
  text: (reader) => {
    const node = reader.draft.nodeOf("text");
    return node?.kind === "scalar" ? { kind: "text", template: templateOf(reader, node) } : null;
  },
  resource: (reader, { resources }) => {
    const node = reader.draft.nodeOf("resource");
    if (node?.kind !== "scalar") return null;
    const uri = templateOf(reader, node);
    const constant = fillText(uri, new Map());
    if (constant !== undefined && !resources.has(constant))
      return reader.draft.error(node, "prompt", `no resource has the address ${constant}`);
    return { kind: "resource", uri };
  },
  image: (reader, { setting }) => {
    const file = readFilePlace(reader, "image", { roots: [setting.workspace], setting, hint: OUTSIDE });
    return file && { kind: "image", file };
  },
  command: (reader, { known }) => {
    const use = readUse(reader, known);
    return use && { kind: "command", use };
  },
};

const OUTSIDE = "name one inside, or use an argument of `type: path` with its `within`";

function namesIn(content: MessageContent): readonly string[] {
  if (content.kind === "command") return namesOfUse(content.use);
  if (content.kind === "image") return mentioned(content.file.path);
  return mentioned(content.kind === "text" ? content.template : content.uri);
}
