import { excerpt } from "../excerpt.ts";
import type { Format } from "./format.ts";

export const text: Format = {
  isBinary: false,
  read: ({ stdout, output, clean }) => ({
    content: [],
    excerpt: excerpt(stdout, output.maxBytes, clean),
    structured: undefined,
    fault: "",
    isError: false,
  }),
};
