import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type InputRequiredResult,
  type Server,
  type ServerContext,
  inputRequired,
} from "@modelcontextprotocol/server";
import { log } from "../base/log.ts";
import { type Answer, type Ask, type Question } from "../pipeline/question.ts";
import type { Approvals } from "./approvals.ts";
import { INPUT_REQUIRED_SINCE, knows } from "./revision.ts";

/** How the user of a client is asked during one request. */
export interface Asking {
  /** Undefined: this client asks nobody. */
  readonly confirm: Ask | undefined;
  /** The question that is the answer of the request; undefined: there is none. */
  question(): InputRequiredResult | undefined;
}

/** By `elicitation/create`; since 2026-07-28 by an answer that holds the question, after which the client calls again. */
export function askingOf(server: Server, context: ServerContext, approvals: Approvals): Asking {
  const revision = server.getNegotiatedProtocolVersion();
  const isModern = revision !== undefined && knows(revision, INPUT_REQUIRED_SINCE);
  const envelope: Readonly<Record<string, unknown>> = context.mcpReq.envelope ?? {};
  const able = isModern ? envelope[CLIENT_CAPABILITIES_META_KEY] : server.getClientCapabilities();
  if (!takesForms(able)) return { confirm: undefined, question: () => undefined };
  return isModern ? askByAnswer(context, approvals) : { confirm: askAtOnce(context), question: () => undefined };
}

/** Before there were other modes, an empty object meant forms. */
function takesForms(able: unknown): boolean {
  const modes = (able as ClientCapabilities | undefined)?.elicitation;
  return modes !== undefined && (modes.form !== undefined || Object.keys(modes).length === 0);
}

/** A form without fields: clients show the text and their own buttons for accept and decline. */
function formOf({ text }: Question): {
  message: string;
  requestedSchema: { type: "object"; properties: Record<string, never> };
} {
  return { message: text, requestedSchema: { type: "object", properties: {} } };
}

/** Longer than anybody waits: whoever asks says by the signal when it is enough. */
const FOR_EVER_MS = 2 ** 31 - 1;

function askAtOnce({ mcpReq }: ServerContext): Ask {
  return async (question, signal) => {
    try {
      const request = { method: "elicitation/create", params: formOf(question) } as const;
      const { action } = await mcpReq.send(request, { signal, timeout: FOR_EVER_MS });
      return action === "accept" ? "accepted" : "declined";
    } catch (error) {
      if (!signal.aborted) log.info({ tool: question.tool, error }, "a client did not ask its user");
      return "unavailable";
    }
  };
}

/** The name of the only question of an answer. */
const KEY = "confirm";

function askByAnswer({ mcpReq }: ServerContext, approvals: Approvals): Asking {
  let pending: InputRequiredResult | undefined;
  const confirm = (question: Question): Promise<Answer> => Promise.resolve(decide(question));

  function decide(question: Question): Answer {
    const state = mcpReq.requestState();
    const action = actionOf(mcpReq.inputResponses?.[KEY]);
    const isOfThis = typeof state === "string" && approvals.take(state, question.hash);
    if (action === "decline" || action === "cancel") return "declined";
    if (isOfThis && action === "accept") return "accepted";
    pending = inputRequired({
      inputRequests: { [KEY]: inputRequired.elicit(formOf(question)) },
      requestState: approvals.issue(question.hash),
    });
    return "asked";
  }
  return { confirm, question: () => pending };
}

function actionOf(response: unknown): unknown {
  return typeof response === "object" && response !== null && "action" in response ? response.action : undefined;
}
