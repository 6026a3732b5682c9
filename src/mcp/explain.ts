import { type JSONRPCMessage, ProtocolErrorCode } from "@modelcontextprotocol/server";

/**
 * The library's complaint about malformed params, in words: it sends its validator's list as the text, for most methods as if
 * it were a defect of the server. Every other message is given back as it is.
 */
export function explained(message: JSONRPCMessage): JSONRPCMessage {
  if (!("error" in message)) return message;
  const list = LIST.exec(message.error.message)?.[0];
  const issues = list === undefined ? undefined : issuesOf(list);
  if (!issues) return message;
  const text = issues.map(({ path, message: said }) => `${path.join(".")}: ${said}`).join("; ");
  return { ...message, error: { code: ProtocolErrorCode.InvalidParams, message: text } };
}

const LIST = /\[\n[^]*\]$/;

interface Issue {
  readonly path: readonly string[];
  readonly message: string;
}

function issuesOf(list: string): readonly Issue[] | undefined {
  try {
    const issues = JSON.parse(list) as readonly Partial<Issue>[];
    return issues.every(isIssue) ? issues : undefined;
  } catch {
    return undefined;
  }
}

function isIssue(issue: Partial<Issue>): issue is Issue {
  return Array.isArray(issue.path) && typeof issue.message === "string";
}
