import { frame } from "../print.ts";
import type { Format } from "./format.ts";

export const text: Format = (problems, { paint }) => problems.map((problem) => `${frame(problem, paint)}\n`).join("\n");
