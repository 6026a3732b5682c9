import type { Complaint } from "../../base/refusal.ts";
import { type Filling, fill, textsOf } from "../../command/render.ts";
import { type Template, lonePlace, mentioned } from "../../command/template.ts";
import type { HookUrl } from "../../command/webhook.ts";

/** A value as it stands in a path, a query or a form: nothing of it means anything there (RFC 3986, 2.2). */
export function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.codePointAt(0)?.toString(16).toUpperCase()}`,
  );
}

/**
 * The URL of a call. Values are percent-encoded, each in its place. Complains of what no encoding keeps where it belongs: servers
 * and proxies decode paths before they resolve `..`, and an empty segment is another path.
 */
export function renderUrl({ origin, segments, query }: HookUrl, filling: Filling): RenderedUrl {
  const complaints: Complaint[] = [];
  const path = segments.map((segment) => {
    const { text, complaint } = renderSegment(segment, filling);
    if (complaint) complaints.push(complaint);
    return text;
  });
  const pairs = query.flatMap(([name, value]) => {
    if (value === null) return [name];
    return valuesOf(value, filling).map((text) => `${name}=${text}`);
  });
  const search = pairs.length === 0 ? "" : `?${pairs.join("&")}`;
  return { url: `${origin}/${path.join("/")}${search}`, complaints };
}

export interface RenderedUrl {
  readonly url: string;
  readonly complaints: readonly Complaint[];
}

function renderSegment(segment: Template, filling: Filling): { readonly text: string; readonly complaint?: Complaint } {
  const names = mentioned(segment);
  const plain = fill(segment, filling);
  const blame = (why: string): { readonly text: string; readonly complaint: Complaint } => ({
    text: "",
    complaint: { code: "arguments.invalid", text: `${names.join(", ")}: ${why}` },
  });
  if (!plain) return blame("stands in the path of the URL, and must be given there");
  const text = joined(segment, plain);
  if (names.length === 0) return { text };
  if (text === "") return blame("is empty, and would lead to another path of the service");
  if (plain.join("").split(/[/\\]/).some(isDots))
    return blame("would lead to another path of the service, by `.` or `..`");
  return { text };
}

/** Also to proxies that decode twice, to readers that leave line breaks and tabs out, and to those that cut parameters off. */
function isDots(step: string): boolean {
  const read = step.replaceAll(/%(?:25)*/g, "%").replaceAll(/[\t\n\r]|%0[9ad]/gi, "");
  return /^(?:\.|%2e){1,2}(?:$|[;?#]|%3b|%3f|%23)/i.test(read);
}

/** An array that is alone repeats the name; what mentions an absent parameter vanishes. */
function valuesOf(value: Template, filling: Filling): readonly string[] {
  const alone = lonePlace(value);
  if (alone !== undefined) return textsOf(alone, filling).map(encoded);
  const plain = fill(value, filling);
  return plain ? [joined(value, plain)] : [];
}

/** The text of the file is encoded already. */
function joined(template: Template, filled: readonly string[]): string {
  return template.map((part, at) => (typeof part === "string" ? part : encoded(filled[at] ?? ""))).join("");
}
