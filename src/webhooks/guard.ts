import type { LookupAddress } from "node:dns";
import { type LookupFunction, isIP } from "node:net";
import { isPublic } from "./address.ts";
import { HookFault } from "./fault.ts";
import { hostOf, isHost } from "./host.ts";

/** What keeps one request from addresses that it may not reach. */
export interface Guard {
  /** In place of the system's; a name of which one address may not be reached is not looked up for it. */
  readonly lookup: LookupFunction;
  /** Of the other side of a connection, which may have been made for another request. */
  mayUse(address: string): boolean;
}

/**
 * The guard of a request to this URL; throws a `forbidden` when an address that may not be reached stands in it. The address
 * that a look-up gave is the one that is connected to: a name is not looked up twice, so it cannot change in between.
 */
export function guard(url: URL, allowPrivate: readonly string[], lookup: LookupFunction): Guard {
  if (allowPrivate.some((entry) => isHost(entry, url))) return { lookup, mayUse: () => true };
  const host = hostOf(url);
  if (isIP(host) !== 0 && !isPublic(host)) throw forbidden(host);
  return {
    lookup: (name, options, done) =>
      lookup(name, { ...options, all: true }, (error, found) => {
        const addresses = (error ? [] : found) as readonly LookupAddress[];
        const [first] = addresses;
        const isHidden = addresses.some(({ address }) => !isPublic(address));
        if (error) done(error, []);
        else if (isHidden) done(forbidden(host), []);
        else if (!first) done(noAddress(), []);
        else if (options.all) done(null, [...addresses]);
        else done(null, first.address, first.family);
      }),
    mayUse: isPublic,
  };
}

/** Does not tell the address of a name: who asks may not know what is inside. */
export function forbidden(host: string): HookFault {
  return new HookFault(
    "forbidden",
    `${host} has an address that is not of the public internet; \`allow_private\` of the webhook opens it for this host`,
  );
}

function noAddress(): Error {
  return Object.assign(new Error("the host has no address"), { code: "ENOTFOUND" });
}
