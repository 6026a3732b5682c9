import { redact } from "../../base/secret.ts";
import { plainText } from "../../base/text.ts";
import type { HookAnswer } from "../../webhooks/request.ts";
import type { Answered } from "../executor.ts";
import type { WebhookPlan } from "./plan.ts";

/** What callers act upon; never credentials and cookies. */
const TOLD =
  /^(?:content-type|content-language|content-disposition|location|retry-after|etag|last-modified|link|allow|www-authenticate|(?:x-)?request-id|x-total-count|(?:x-)?rate-?limit(?:-.*)?)$/;

const LONGEST = 1000;

/** What is told of an answer, beside its body. */
export function answered(
  { status, headers }: Pick<HookAnswer, "status" | "headers">,
  { secrets }: Pick<WebhookPlan, "secrets">,
  tries: number,
): Answered {
  const told = Object.entries(headers).filter(([name]) => TOLD.test(name));
  const clean = (value: string): string => plainText(redact(value, secrets)).slice(0, LONGEST);
  return {
    status,
    headers: Object.fromEntries(told.map(([name, value]) => [name, clean(value)])),
    isJson: isJson({ headers }),
    tries,
    why: "",
    note: "",
    fault: "",
  };
}

/** Whether an answer says that it is JSON. */
export function isJson({ headers }: Pick<HookAnswer, "headers">): boolean {
  return /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(headers["content-type"] ?? "");
}
