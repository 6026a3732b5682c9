import { faultOf } from "../base/files.ts";

/**
 * `refused`: the request is not one that may be sent. `forbidden`: it would reach an address that webhooks may not reach.
 * `unreachable`: nothing was sent (look-up, connection, TLS). `lost`: something was sent, if only to the first of several
 * hosts, and then no whole answer came. `redirect`: the answer leads where it may not, or in a circle. `oversized`: the
 * answer's head is too large. `token`: the service was not asked, because the token for it is denied.
 */
export type HookFaultKind = "refused" | "forbidden" | "unreachable" | "lost" | "redirect" | "oversized" | "token";

/** Why there is no whole answer; never with a header's value or what stands in a URL behind its host. */
export class HookFault extends Error {
  readonly kind: HookFaultKind;

  constructor(kind: HookFaultKind, message: string) {
    super(message);
    this.name = "HookFault";
    this.kind = kind;
  }
}

/** What Node says of a connection, or of what came through it, as a fault; `where` is the URL's origin. */
export function faultFrom(error: unknown, where: string, isSent: boolean): HookFault {
  if (error instanceof HookFault) return error;
  const [cause = error] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  const { code = "" } = cause as NodeJS.ErrnoException;
  const words = REASONS.get(code) ?? faultOf(cause);
  if (!isSent) return new HookFault("unreachable", `${where} cannot be reached: ${words}`);
  if (code === "HPE_HEADER_OVERFLOW")
    return new HookFault("oversized", `${where} answered with too large a head (${code})`);
  if (code.startsWith("HPE_")) return new HookFault("lost", `${where} answered what is not HTTP (${code})`);
  return new HookFault(
    "lost",
    `${where} was asked, and the connection was lost before the whole answer came: ${words}`,
  );
}

const OWN_AUTHORITY = "NODE_EXTRA_CA_CERTS names a file with authorities of your own";

const REASONS: ReadonlyMap<string, string> = new Map([
  ["ENOTFOUND", "the host has no address (ENOTFOUND); is its name right?"],
  ["EAI_AGAIN", "names cannot be looked up now (EAI_AGAIN); is there a network?"],
  ["ECONNREFUSED", "nothing listens there (ECONNREFUSED); is the service started?"],
  ["ECONNRESET", "the other side closed it (ECONNRESET)"],
  ["EPIPE", "the other side closed it (EPIPE)"],
  ["EPROTO", "the other side does not speak TLS as we do (EPROTO); is it `http:`?"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "the other side does not speak TLS; is it `http:`?"],
  ["CERT_HAS_EXPIRED", "its certificate has expired (CERT_HAS_EXPIRED)"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "its certificate is for another host (ERR_TLS_CERT_ALTNAME_INVALID)"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", `it signed its certificate itself (DEPTH_ZERO_SELF_SIGNED_CERT); ${OWN_AUTHORITY}`],
  ["SELF_SIGNED_CERT_IN_CHAIN", `its authority is not known (SELF_SIGNED_CERT_IN_CHAIN); ${OWN_AUTHORITY}`],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", `its authority is not known (UNABLE_TO_VERIFY_LEAF_SIGNATURE); ${OWN_AUTHORITY}`],
  [
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    `its authority is not known (UNABLE_TO_GET_ISSUER_CERT_LOCALLY); ${OWN_AUTHORITY}`,
  ],
]);
