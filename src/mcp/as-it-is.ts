import type { StandardSchemaV1 } from "@modelcontextprotocol/server";

/** Takes what a client answers as it is, where the library would throw all of it away for one wrong part. */
export const AS_IT_IS: StandardSchemaV1<unknown, Readonly<Record<string, unknown>>> = {
  "~standard": {
    version: 1,
    vendor: "mcpfier",
    validate: (value) => ({ value: typeof value === "object" && value !== null ? { ...value } : {} }),
  },
};
