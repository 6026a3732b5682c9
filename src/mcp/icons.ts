import type { Icon as ListedIcon, JSONRPCMessage, Server } from "@modelcontextprotocol/server";
import { SERVER_INFO_META_KEY } from "@modelcontextprotocol/server";
import type { Icon } from "../command/icon.ts";
import { ICONS_SINCE, knows } from "./revision.ts";

/** As part of what is listed, for clients that know icons. */
export function iconsOf(icons: readonly Icon[], revision: string | undefined): { readonly icons?: ListedIcon[] } {
  return icons.length > 0 && knows(revision, ICONS_SINCE) ? { icons: icons.map(toIcon) } : {};
}

function toIcon({ src, mime, sizes, theme }: Icon): ListedIcon {
  return {
    src,
    ...(mime === "" ? {} : { mimeType: mime }),
    ...(sizes.length === 0 ? {} : { sizes: [...sizes] }),
    ...(theme === null ? {} : { theme }),
  };
}

/**
 * Has a server show its own icons where a client asks who it is. Given to the protocol's library they would go to clients that do
 * not know them, and since 2026-07-28 along with every answer.
 */
export function showOwnIcons(server: Server, icons: readonly Icon[]): void {
  if (icons.length === 0) return;
  const connect = server.connect.bind(server);
  server.connect = (transport) => {
    const send = transport.send.bind(transport);
    transport.send = (message, options) => send(withIcons(message, icons), options);
    return connect(transport);
  };
}

function withIcons(message: JSONRPCMessage, icons: readonly Icon[]): JSONRPCMessage {
  if (!("result" in message)) return message;
  const { result } = message;
  const { protocolVersion, serverInfo, supportedVersions, _meta } = result;
  if (typeof protocolVersion === "string" && isObject(serverInfo))
    return { ...message, result: { ...result, serverInfo: { ...serverInfo, ...iconsOf(icons, protocolVersion) } } };
  const own = _meta?.[SERVER_INFO_META_KEY];
  if (!Array.isArray(supportedVersions) || !isObject(own)) return message;
  const told = { ..._meta, [SERVER_INFO_META_KEY]: { ...own, ...iconsOf(icons, undefined) } };
  return { ...message, result: { ...result, _meta: told } };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
