import type { Host } from "../base/host.ts";
import type { Address } from "./address.ts";

/** An engine's address, and where it was found. */
export interface Located {
  readonly address: Address;
  /** As shown; holds no password. */
  readonly name: string;
  /** Who said so: `DOCKER_HOST`, a docker context, the usual sockets, the catalogue. */
  readonly from: string;
  /** What the connection needs besides: the home folder, SSH_AUTH_SOCK, DOCKER_CONFIG. */
  readonly host: Host;
}

export function locate(_text: string | null, _host: Host): Promise<Located> {
  return Promise.reject(new Error("being written"));
}
