import type { Client } from "./client.ts";
import type { Entry } from "./format.ts";

/** A link by which a client adds a server itself; null: it knows none. */
export function linkOf({ link }: Client, name: string, entry: Entry): string | null {
  const json = JSON.stringify(entry);
  return (
    link
      ?.replace("NAMED_URI", () => encodeURIComponent(JSON.stringify({ name, ...entry })))
      .replace("BASE64", () => encodeURIComponent(Buffer.from(json).toString("base64")))
      .replace("URI", () => encodeURIComponent(json))
      .replace("NAME", () => encodeURIComponent(name)) ?? null
  );
}
