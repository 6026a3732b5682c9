import { fill, textOf } from "../../command/render.ts";
import type { HookBody, HookValue } from "../../command/webhook.ts";
import { type HookFilling, dataOf } from "./data.ts";
import { encoded } from "./url.ts";
import { renderMarkup, renderXml } from "./xml.ts";

/** A body as it is sent, and the media type of its format. */
export interface RenderedBody {
  readonly text: string;
  readonly type: string;
}

/** The body of a call; null when it is a text, and a place of it is absent. */
export function renderBody(body: HookBody, filling: HookFilling): RenderedBody | null {
  const text = textOfBody(body, filling);
  return text === undefined ? null : { text, type: TYPES[body.format] };
}

function textOfBody(body: HookBody, filling: HookFilling): string | undefined {
  if (body.format === "json") return JSON.stringify(wholeOf(body.value, filling));
  if (body.format === "form") return renderForm(body.fields, filling);
  if (body.format === "xml") return renderXml(body.root, body.value, filling);
  return body.format === "markup" ? renderMarkup(body.template, filling) : fill(body.template, filling)?.join("");
}

const TYPES = {
  json: "application/json",
  verbatim: "application/json",
  form: "application/x-www-form-urlencoded",
  xml: "application/xml",
  markup: "application/xml",
  text: "text/plain; charset=utf-8",
} as const;

/** A map or a list of which nothing is left is still a body. */
function wholeOf(value: HookValue, filling: HookFilling): unknown {
  const data = dataOf(value, filling);
  if (data !== undefined || value.kind === "text") return data;
  return value.kind === "list" ? [] : {};
}

/** A list repeats its name, and so does an array that fills a place. */
function renderForm(fields: Extract<HookBody, { format: "form" }>["fields"], filling: HookFilling): string {
  const pairs = fields.flatMap(([name, value]) => {
    const values = value.kind === "list" ? value.items : [value];
    const items = values.flatMap((each) => [dataOf(each, filling)].flat());
    const given = items.filter((item) => item !== undefined && item !== null);
    return given.map((item) => `${encoded(name)}=${encoded(textOf(item))}`);
  });
  return pairs.join("&");
}
