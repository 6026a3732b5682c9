/**
 * `refused`: the request is not one that may be sent. `forbidden`: it would reach an address that webhooks may not reach.
 * `unreachable`: nothing was sent (look-up, connection, TLS). `lost`: something was sent, and then no whole answer came.
 * `redirect`: the answer leads where it may not, or in a circle. `oversized`: the answer's head is too large. `token`: the
 * service was not asked, because no token for it was had.
 */
export type HookFaultKind = "refused" | "forbidden" | "unreachable" | "lost" | "redirect" | "oversized" | "token";

/** Why there is no whole answer; never with a header's value or what stands in a URL behind its path. */
export class HookFault extends Error {
  readonly kind: HookFaultKind;

  constructor(kind: HookFaultKind, message: string) {
    super(message);
    this.name = "HookFault";
    this.kind = kind;
  }
}
