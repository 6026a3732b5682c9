import type { Answered } from "../executors/executor.ts";

/** What a service answered: `HTTP 404 Not Found`. */
export function statusOf({ status }: Answered): string {
  if (status === null) return "no answer";
  // Node loads much for an import of its HTTP.
  const { STATUS_CODES } = process.getBuiltinModule("node:http");
  return ["HTTP", status, STATUS_CODES[status] ?? ""].join(" ").trimEnd();
}
