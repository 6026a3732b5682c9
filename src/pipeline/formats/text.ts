import { excerpt } from "../excerpt.ts";
import type { Format } from "./format.ts";

export const text: Format = {
  isBinary: false,
  read: (printed) => ({
    content: [],
    excerpt: excerpt(printed.stdout, printed.output.maxBytes, printed),
    structured: undefined,
    fault: "",
    isError: false,
  }),
};
