import { type JSONRPCMessage, ProtocolErrorCode } from "@modelcontextprotocol/server";

/**
 * The library's complaint about malformed params, in words: it sends its validator's list as the text, for most methods as if
 * it were a defect of the server. Every other message is given back as it is.
 */
export function explained(message: JSONRPCMessage): JSONRPCMessage {
  if (!("error" in message)) return message;
  const issues = issuesIn(message.error.message);
  if (issues.length === 0) return message;
  const text = issues.map(({ path, message: said }) => `${path.join(".")}: ${said}`).join("; ");
  return { ...message, error: { code: ProtocolErrorCode.InvalidParams, message: text } };
}

interface Issue {
  readonly path: readonly string[];
  readonly message: string;
}

/** The list stands at the end, behind a few words or none. */
function issuesIn(text: string): readonly Issue[] {
  const start = text.indexOf("[\n");
  if (start < 0 || !text.endsWith("]")) return [];
  try {
    const issues = JSON.parse(text.slice(start)) as readonly Partial<Issue>[];
    return issues.every(isIssue) ? issues : [];
  } catch {
    return [];
  }
}

function isIssue(issue: Partial<Issue>): issue is Issue {
  return Array.isArray(issue.path) && typeof issue.message === "string";
}
