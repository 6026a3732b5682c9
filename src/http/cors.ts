import type { IncomingMessage, ServerResponse } from "node:http";
import type { Route } from "./routes/route.ts";

/** Lets a page of another origin that is allowed read the answer; never credentials, never any page. */
export function allowPage(origin: string, outgoing: ServerResponse): void {
  outgoing.setHeader("access-control-allow-origin", origin);
  outgoing.setHeader("access-control-expose-headers", "mcp-session-id");
  outgoing.setHeader("vary", "origin");
}

/** Answers what a browser asks before it lets such a page send JSON. */
export function answerPreflight({ headers }: IncomingMessage, outgoing: ServerResponse, { methods }: Route): void {
  outgoing.writeHead(204, {
    "access-control-allow-methods": methods.join(", "),
    "access-control-allow-headers": headers["access-control-request-headers"] ?? "",
    "access-control-max-age": "600",
  });
  outgoing.end();
}
