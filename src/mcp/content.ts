import type { ContentBlock } from "@modelcontextprotocol/server";
import type { Content, LinkPiece, MediaPiece, ResourcePiece, TextPiece } from "../pipeline/content.ts";
import { AUDIO_SINCE, LINKS_SINCE, knows } from "./revision.ts";

/** A piece of a result as a block of the protocol; as text where a client of the revision knows no such block. */
export function toBlock(piece: Content, revision: string | undefined): ContentBlock {
  const { since, words } = LATER[piece.kind] ?? NOT_LATER;
  const block = knows(revision, since) ? BLOCKS[piece.kind](piece as never) : text({ text: words(piece as never) });
  if (!piece.annotations) return block;
  const { audience, ...annotations } = piece.annotations;
  return { ...block, annotations: { ...annotations, ...(audience ? { audience: [...audience] } : {}) } };
}

const BLOCKS = { text, image: media, audio: media, resource, link } as const satisfies Readonly<
  Record<Content["kind"], (piece: never) => ContentBlock>
>;

interface Later {
  readonly since: string;
  /** What is said to older clients instead. */
  words(piece: never): string;
}

const NOT_LATER: Later = { since: "", words: () => "" };

/** Blocks that the protocol did not have from the beginning. */
const LATER: { readonly [kind: string]: Later | undefined } = {
  audio: {
    since: AUDIO_SINCE,
    words: ({ mime, base64 }: MediaPiece) =>
      `[a sound of ${Buffer.byteLength(base64, "base64")} bytes, ${mime}, which this client's revision of the protocol cannot carry]`,
  },
  link: {
    since: LINKS_SINCE,
    words: ({ uri, name, title, description }: LinkPiece) =>
      [`${title || name}: ${uri}`, description].filter((line) => line !== "").join("\n"),
  },
};

function text({ text: words }: Pick<TextPiece, "text">): ContentBlock {
  return { type: "text", text: words };
}

function media({ kind, mime, base64 }: MediaPiece): ContentBlock {
  return { type: kind, mimeType: mime, data: base64 };
}

function resource({ uri, mime, body }: ResourcePiece): ContentBlock {
  const about = { uri, ...said("mimeType", mime) };
  return {
    type: "resource",
    resource: "text" in body ? { ...about, text: body.text } : { ...about, blob: body.base64 },
  };
}

function link({ uri, name, title, description, mime, size }: LinkPiece): ContentBlock {
  return {
    type: "resource_link",
    uri,
    name,
    ...said("title", title),
    ...said("description", description),
    ...said("mimeType", mime),
    ...(size === null ? {} : { size }),
  };
}

function said<Key extends string>(key: Key, value: string): { readonly [K in Key]?: string } {
  return (value === "" ? {} : { [key]: value }) as { readonly [K in Key]?: string };
}
