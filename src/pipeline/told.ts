import type { Host } from "../base/host.ts";
import { type Analytics, type AnalyticsSettings, createAnalytics } from "../stores/analytics/analytics.ts";
import type { HttpEvent } from "../stores/analytics/event.ts";
import type { Outcome } from "./call.ts";
import { type CallOrigin, eventOf } from "./event.ts";

/** Whom ended calls, and answered HTTP requests, are told to. */
export interface Told extends Pick<Analytics, "close"> {
  /** Gives the outcome back. */
  of(outcome: Outcome, origin: CallOrigin): Outcome;
  answered(request: Omit<HttpEvent, "session_id">): void;
}

/** `place` is where the writing is done; undefined: nothing is recorded. Settings are asked for at each call. */
export function createTold(place: "here" | "apart" | undefined, host: Host, settings: () => AnalyticsSettings): Told {
  if (place === undefined) return { of: (outcome) => outcome, answered: () => undefined, close: async () => undefined };
  const analytics = createAnalytics({ host, apart: place === "apart", settings });

  function tell(outcome: Outcome, origin: CallOrigin): Outcome {
    const event = settings().enabled ? eventOf(outcome, origin) : null;
    if (event) analytics.record(event);
    return outcome;
  }
  return { of: tell, answered: analytics.record, close: analytics.close };
}
