import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type InputRequiredResult,
  type Server,
  type ServerContext,
  inputRequired,
} from "@modelcontextprotocol/server";
import { log } from "../base/log.ts";
import type { Fill, Filled, Form } from "../pipeline/form.ts";
import type { Answer, Ask, Question } from "../pipeline/question.ts";
import { AS_IT_IS } from "./as-it-is.ts";
import type { Approvals, Carried } from "./approvals.ts";
import type { Clerk } from "./desk.ts";
import { type FormSchema, schemaOfForm } from "./form.ts";
import { INPUT_REQUIRED_SINCE, knows } from "./revision.ts";

/** How the user of a client is asked during one request. */
export interface Asking {
  /** Undefined: this client asks nobody. */
  readonly clerk: Clerk | undefined;
  /** The question that is the answer of the request; undefined: there is none. */
  question(): InputRequiredResult | undefined;
}

/** By `elicitation/create`; since 2026-07-28 by an answer that holds the question, after which the client calls again. */
export function askingOf(server: Server, context: ServerContext, approvals: Approvals): Asking {
  const revision = server.getNegotiatedProtocolVersion();
  const isModern = revision !== undefined && knows(revision, INPUT_REQUIRED_SINCE);
  const envelope: Readonly<Record<string, unknown>> = context.mcpReq.envelope ?? {};
  const able = isModern ? envelope[CLIENT_CAPABILITIES_META_KEY] : server.getClientCapabilities();
  if (!takesForms(able)) return { clerk: undefined, question: () => undefined };
  return isModern ? askByAnswer(context, approvals, revision) : askAtOnce(context, revision);
}

/** Before there were other modes, an empty object meant forms. */
function takesForms(able: unknown): boolean {
  const modes = (able as ClientCapabilities | undefined)?.elicitation;
  return modes !== undefined && (modes.form !== undefined || Object.keys(modes).length === 0);
}

type FormParams = { readonly message: string; readonly requestedSchema: FormSchema };

/** A form without fields: clients show the text and their own buttons for accept and decline. */
function plainForm({ text }: Question): FormParams {
  return { message: text, requestedSchema: { type: "object", properties: {} } };
}

/** Null: a client of this revision cannot show one of the fields. */
function fullForm({ text, fields }: Form, revision: string | undefined): FormParams | null {
  const requestedSchema = schemaOfForm(fields, revision);
  return requestedSchema && { message: text, requestedSchema };
}

const ACTIONS: ReadonlySet<unknown> = new Set(["accept", "decline", "cancel"]);

/** Longer than anybody waits: whoever asks says by the signal when it is enough. */
const FOR_EVER_MS = 2 ** 31 - 1;

function askAtOnce({ mcpReq }: ServerContext, revision: string | undefined): Asking {
  async function send(
    { tool, callId }: Form | Question,
    params: FormParams,
    signal: AbortSignal,
  ): Promise<Response | "unavailable"> {
    try {
      const request = { method: "elicitation/create", params };
      const response: Response = await mcpReq.send(request, AS_IT_IS, { signal, timeout: FOR_EVER_MS });
      if (ACTIONS.has(response.action)) return response;
      log.info({ tool, callId, action: response.action }, "a client's answer is none of accept, decline and cancel");
      return "unavailable";
    } catch (error) {
      if (!signal.aborted) log.info({ tool, callId, error }, "a client did not ask its user");
      return "unavailable";
    }
  }

  const confirm: Ask = async (question, signal) => {
    const response = await send(question, plainForm(question), signal);
    if (response === "unavailable") return response;
    return response.action === "accept" ? "accepted" : "declined";
  };
  const fill: Fill = async (form, signal) => {
    const params = fullForm(form, revision);
    const response = params ? await send(form, params, signal) : "unavailable";
    if (response === "unavailable") return response;
    return response.action === "accept" ? { content: contentOf(response), isLast: form.isAgain } : "declined";
  };
  return { clerk: { confirm, fill }, question: () => undefined };
}

/** What a form stands under in the answer of a request: the one thing that the user is asked for, if it is one. */
function keyOf({ fields: [field, ...others] }: Form): string {
  return field && others.length === 0 ? `user_${field.name}` : "ask";
}

function askByAnswer({ mcpReq }: ServerContext, approvals: Approvals, revision: string): Asking {
  const state = mcpReq.requestState();
  const text = typeof state === "string" ? state : "";
  let pending: InputRequiredResult | undefined;
  /** What was filled in goes with the question after it. */
  let carried: Carried | undefined;

  function pend(key: string, params: FormParams, requestState: string): "asked" {
    pending = inputRequired({ inputRequests: { [key]: inputRequired.elicit(params) }, requestState });
    return "asked";
  }

  const confirm = (question: Question): Answer => {
    const { action } = responseOf(mcpReq.inputResponses?.["confirm"]);
    const isOfThis = approvals.take(text, question.hash);
    if (action === "decline" || action === "cancel") return "declined";
    if (isOfThis && action === "accept") return "accepted";
    return pend("confirm", plainForm(question), approvals.issue(question.hash, carried));
  };

  const fill = (form: Form): Filled | Exclude<Answer, "accepted"> => {
    const key = keyOf(form);
    const again = `${form.hash} again`;
    carried = form.isAgain ? undefined : approvals.carried(text, form.hash);
    if (carried) return { content: carried.content, isLast: true };
    const params = fullForm(form, revision);
    if (!params) return "unavailable";
    if (form.isAgain) return pend(key, params, approvals.issue(again));
    const response = responseOf(mcpReq.inputResponses?.[key]);
    const isLast = approvals.take(text, again);
    // Without any state it is as good as what a caller gives by itself, and counts as that; it approves of nothing.
    const isOfThis = isLast || text === "" || approvals.take(text, form.hash);
    if (response.action === "decline" || response.action === "cancel") return "declined";
    if (!isOfThis || response.action !== "accept") return pend(key, params, approvals.issue(form.hash));
    carried = { form: form.hash, content: contentOf(response) };
    return { content: carried.content, isLast };
  };
  return {
    clerk: {
      confirm: (question) => Promise.resolve(confirm(question)),
      fill: (form) => Promise.resolve(fill(form)),
    },
    question: () => pending,
  };
}

interface Response {
  readonly action?: unknown;
  readonly content?: unknown;
}

function responseOf(response: unknown): Response {
  return typeof response === "object" && response !== null ? response : {};
}

/** A field that was left blank may come as null. */
function contentOf({ content }: Response): Filled["content"] {
  if (typeof content !== "object" || content === null) return {};
  return Object.fromEntries(Object.entries(content).filter(([, value]) => value !== null));
}
