import type { JsonSchema } from "../../command/command.ts";

const TEXT = { type: "string" } as const;
const NAME = { type: "string", minLength: 1 } as const;
const URI = { type: "string", format: "uri" } as const;
const MEDIA = { required: ["data", "mimeType"], properties: { data: TEXT, mimeType: NAME } } as const;

/** The five blocks of the protocol (2025-06-18 and later), each with what it must have. */
const BLOCKS = {
  text: { required: ["text"], properties: { text: TEXT } },
  image: MEDIA,
  audio: MEDIA,
  resource_link: {
    required: ["uri", "name"],
    properties: {
      uri: URI,
      name: NAME,
      title: TEXT,
      description: TEXT,
      mimeType: TEXT,
      size: { type: "integer", minimum: 0 },
    },
  },
  resource: {
    required: ["resource"],
    properties: {
      resource: {
        type: "object",
        required: ["uri"],
        properties: { uri: URI, mimeType: TEXT, text: TEXT, blob: TEXT },
        if: { required: ["blob"] },
        else: { required: ["text"] },
      },
    },
  },
} as const;

const ANNOTATIONS = {
  type: "object",
  properties: {
    audience: { type: "array", items: { enum: ["user", "assistant"] } },
    priority: { type: "number", minimum: 0, maximum: 1 },
    lastModified: { type: "string", format: "date-time" },
  },
} as const;

const BLOCK = {
  type: "object",
  required: ["type"],
  properties: { type: { enum: Object.keys(BLOCKS) }, annotations: ANNOTATIONS },
  // Each form counts for blocks of its type only, so that nothing is told of the others.
  allOf: Object.entries(BLOCKS).map(([type, form]) => ({
    if: { not: { required: ["type"], properties: { type: { const: type } } } },
    else: form,
  })),
} as const;

/** What a command of `format: mcp` prints, once a list of blocks has become the `content` of a result. */
export const MCP_RESULT: JsonSchema = {
  type: "object",
  properties: {
    content: { type: "array", items: BLOCK },
    structuredContent: { type: "object" },
    isError: { type: "boolean" },
  },
  if: { required: ["structuredContent"] },
  else: { required: ["content"] },
};
