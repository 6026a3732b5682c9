import { BlockList, isIP } from "node:net";

/** What is not reachable from the whole internet, by IANA's registry of special addresses, and what clouds tell secrets by. */
const INNER_IPV4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  // A neighbour on the link; the metadata of most clouds.
  ["169.254.0.0", 16],
  // Azure's metadata, though the address looks like any other.
  ["168.63.129.16", 32],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const;

/** All that IPv6 gave out: unicast, and IPv4 addresses as a host and as a translator (NAT64) write them. */
const OUTER_IPV6 = [
  ["2000::", 3],
  ["::ffff:0:0", 96],
  ["64:ff9b::", 96],
] as const;

const INNER_IPV6 = [
  // For protocols, Teredo's tunnels among them.
  ["2001::", 23],
  ["2001:db8::", 32],
  // 6to4, whose addresses hold IPv4 ones.
  ["2002::", 16],
  ["3fff::", 20],
] as const;

const outer = new BlockList();
const inner = new BlockList();
for (const [net, prefix] of OUTER_IPV6) outer.addSubnet(net, prefix, "ipv6");
for (const [net, prefix] of INNER_IPV6) inner.addSubnet(net, prefix, "ipv6");
for (const [net, prefix] of INNER_IPV4) {
  // Holds for an IPv4 address inside an IPv6 one (::ffff:0:0/96), too.
  inner.addSubnet(net, prefix, "ipv4");
  inner.addSubnet(`64:ff9b::${net}`, 96 + prefix, "ipv6");
}

/** Whether everybody on the internet may reach it. What is no address, or one with a zone, is not public. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 0 || address.includes("%")) return false;
  if (family === 4) return !inner.check(address, "ipv4");
  return outer.check(address, "ipv6") && !inner.check(address, "ipv6");
}
