/** What a request asks for. */
export interface Target {
  /** Whom it asks, where it says so beside the Host. */
  readonly authority: string | undefined;
  readonly path: string;
}

/** Reads a request target in either of its forms, `/mcp` and `http://host/mcp` (RFC 9112, 3.2). */
export function readTarget(text: string): Target {
  const [, authority, rest = text] = /^http:\/\/([^/?#]*)(.*)$/i.exec(text) ?? [];
  const [path = ""] = rest.split("?");
  return { authority, path: path === "" && authority !== undefined ? "/" : path };
}
