import { lazy } from "../../base/lazy.ts";
import type { Annotations, Content } from "../content.ts";
import { excerpt } from "../excerpt.ts";
import { listProblems } from "./data.ts";
import type { Format } from "./format.ts";
import { parseJson } from "./json.ts";
import { type Parsed, structureOf } from "./structure.ts";

const validator = lazy(() => import("../../command/validator.ts"));
const schema = lazy(() => import("./mcp-schema.ts"));

/** The command itself makes the result: a JSON list of content blocks, or an object that holds one as `content`. */
export const mcp: Format = {
  isBinary: false,
  read: async (printed) => {
    const shown = excerpt(printed.stdout, printed.output.maxBytes, printed);
    const parsed = await structureOf(printed, shown, { noun: "JSON", parse: (text) => parseJson(text, "the output") });
    const checked = "fault" in parsed ? parsed : await check(parsed.value);
    if ("fault" in checked)
      return { content: [], excerpt: shown, structured: undefined, fault: checked.fault, isError: true };
    const { content = [], structuredContent, isError } = checked.value as Written;
    const pieces = content.map(pieceOf);
    // Clients without structured results read it as text.
    if (pieces.length === 0 && structuredContent)
      pieces.push({ kind: "text", text: JSON.stringify(structuredContent) });
    return {
      content: pieces,
      excerpt: { ...shown, text: "" },
      structured: structuredContent,
      fault: "",
      isError: isError ?? false,
    };
  },
};

/** What a command printed, after `check`. */
interface Written {
  readonly content?: readonly Block[];
  readonly structuredContent?: Readonly<Record<string, unknown>>;
  readonly isError?: boolean;
}

type Block = { readonly annotations?: Annotations } & (TextBlock | MediaBlock<"image" | "audio"> | Link | Resource);

interface TextBlock {
  readonly type: "text";
  readonly text: string;
}

interface MediaBlock<Type> {
  readonly type: Type;
  readonly data: string;
  readonly mimeType: string;
}

interface Link {
  readonly type: "resource_link";
  readonly uri: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
  readonly size?: number;
}

interface Resource {
  readonly type: "resource";
  readonly resource: {
    readonly uri: string;
    readonly mimeType?: string;
    readonly text?: string;
    readonly blob?: string;
  };
}

async function check(printed: unknown): Promise<Parsed> {
  const value = Array.isArray(printed) ? { content: printed } : printed;
  const [{ validatorOf }, { MCP_RESULT }] = await Promise.all([validator(), schema()]);
  const problems = validatorOf(MCP_RESULT)(value).map(({ path, text }) => `${path.join(".") || "the output"}: ${text}`);
  // What only code can see of a block, once its form is right.
  const more = problems.length > 0 ? [] : ((value as Written).content ?? []).flatMap(faultOf);
  const lines = [...problems, ...more];
  return lines.length === 0 ? { value } : { fault: `the output is no result of a tool:\n${listProblems(lines)}` };
}

function faultOf(block: Block, at: number): readonly string[] {
  const { blob, text } = block.type === "resource" ? block.resource : {};
  const [name, data] = "data" in block ? ["data", block.data] : ["resource.blob", blob];
  if (blob !== undefined && text !== undefined)
    return [`content.${at}.resource: has both \`text\` and \`blob\`, expected one of them`];
  return data === undefined || base64Of(data) !== undefined ? [] : [`content.${at}.${name}: must be base64`];
}

/** As clients take it, without the line ends that `base64` prints; undefined when it is none. */
function base64Of(data: string): string | undefined {
  const packed = data.replaceAll(/\s/g, "");
  return Buffer.from(packed, "base64").toString("base64") === packed ? packed : undefined;
}

function pieceOf(block: Block): Content {
  const piece = PIECES[block.type](block as never);
  if (!block.annotations) return piece;
  const { audience, priority, lastModified } = block.annotations;
  const annotations = {
    ...(audience === undefined ? {} : { audience }),
    ...(priority === undefined ? {} : { priority }),
    ...(lastModified === undefined ? {} : { lastModified }),
  };
  return { ...piece, annotations };
}

const PIECES = {
  text: ({ text }: TextBlock): Content => ({ kind: "text", text }),
  image: media,
  audio: media,
  resource_link: ({ uri, name, title = "", description = "", mimeType = "", size }: Link): Content => ({
    kind: "link",
    uri,
    name,
    title,
    description,
    mime: mimeType,
    size: size ?? null,
  }),
  resource: ({ resource: { uri, mimeType = "", text, blob = "" } }: Resource): Content => ({
    kind: "resource",
    uri,
    mime: mimeType,
    body: text === undefined ? { base64: base64Of(blob) ?? "" } : { text },
  }),
} as const satisfies Readonly<Record<Block["type"], (block: never) => Content>>;

function media({ type, data, mimeType }: MediaBlock<"image" | "audio">): Content {
  return { kind: type, mime: mimeType, base64: base64Of(data) ?? "" };
}
