import type { Output } from "../../command/command.ts";
import { csv } from "./csv.ts";
import { file } from "./file.ts";
import type { Format } from "./format.ts";
import { json } from "./json.ts";
import { jsonl } from "./jsonl.ts";
import { mcp } from "./mcp.ts";
import { mediaFormat } from "./media.ts";
import { text } from "./text.ts";

/** Every value of `output.format`. */
export const formats: Readonly<Record<Output["format"], Format>> = {
  text,
  json,
  jsonl,
  csv,
  image: mediaFormat("image"),
  audio: mediaFormat("audio"),
  file,
  mcp,
};
