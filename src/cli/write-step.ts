import { faultOf } from "../base/files.ts";
import { createFile } from "../setup/file.ts";
import type { Step } from "../setup/plan.ts";
import { replaceFile } from "./replace-file.ts";

/** Writes a file as it was planned, and gives the path of the copy of what was there; or why it was left as it is. */
export async function writeStep({
  file,
  before: { path, text },
  after,
}: Step): Promise<{ readonly backup?: string; readonly fault?: string }> {
  try {
    if (text !== null) return { backup: await replaceFile({ file, path, text, worldWritable: false }, after) };
    await createFile(path, after);
    return {};
  } catch (error) {
    return { fault: faultOf(error) };
  }
}
