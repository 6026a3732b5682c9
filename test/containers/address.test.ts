import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Address, parseAddress, showAddress } from "../../src/containers/address.ts";

describe("an engine's address", () => {
  const files = { ca: null, cert: null, key: null, isVerified: true };

  it.each<[string, Address]>([
    ["unix:///var/run/docker.sock", { kind: "unix", path: "/var/run/docker.sock" }],
    ["unix:///with space/and:colon", { kind: "unix", path: "/with space/and:colon" }],
    ["tcp://engine:2376", { kind: "tcp", host: "engine", port: 2376, tls: null }],
    ["tcp://engine", { kind: "tcp", host: "engine", port: 2375, tls: null }],
    ["http://10.0.0.1:80/", { kind: "tcp", host: "10.0.0.1", port: 80, tls: null }],
    ["https://[::1]", { kind: "tcp", host: "::1", port: 2376, tls: files }],
    ["ssh://host", { kind: "ssh", user: null, host: "host", port: null, path: null }],
    ["ssh://me@host:2222/run/d.sock", { kind: "ssh", user: "me", host: "host", port: 2222, path: "/run/d.sock" }],
  ])("%s is read", (text, address) => {
    expect(parseAddress(text)).toEqual(address);
  });

  it.each([
    ["", "expected unix:///path"],
    ["/var/run/docker.sock", "expected unix:///path"],
    ["ftp://host", "ftp:// is unknown"],
    ["toString://host", "expected unix:///path"],
    ["constructor://host", "is unknown"],
    ["unix://~/docker.sock", "`~` is not replaced"],
    ["unix://docker.sock", "has to be absolute"],
    ["unix:///", "has to be absolute"],
    ["unix:///a\0b", "NUL"],
    ["tcp://", "the host is missing"],
    ["tcp://host:0", "port 0 is none"],
    ["tcp://host:65536", "port 65536 is none"],
    ["tcp://host/path", "takes no path"],
    ["tcp://me:secret@host", "takes no user name and no password"],
    ["tcp://::1:80", "[IPv6 address]:port"],
    ["ssh://me:secret@host", "takes no password"],
    ["ssh://-oProxyCommand=x/", "the host is not a name"],
    ["ssh://-v", "cannot begin with `-`"],
    ["ssh://-v@host", "cannot begin with `-`"],
    ["ssh://@host", "empty"],
    ["npipe:////./pipe/docker_engine", "not supported"],
    ["fd://", "not supported"],
  ])("%j is refused with a sentence that says what is expected, and no password", (text, words) => {
    const said = parseAddress(text);
    expect(said).toContain(words);
    expect(said).not.toContain("secret");
  });

  it("reads what it shows", () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,20}$/);
    const port = fc.integer({ min: 1, max: 65_535 });
    const path = fc.stringMatching(/^\/[a-z0-9._ :@~-][a-z0-9._ :@~/-]{0,30}$/);
    const host = fc.oneof(name, fc.ipV4(), fc.ipV6());
    const address: fc.Arbitrary<Address> = fc.oneof(
      fc.record({ kind: fc.constant("unix" as const), path }),
      fc.record({ kind: fc.constant("tcp" as const), host, port, tls: fc.constant(null) }),
      fc.record({
        kind: fc.constant("ssh" as const),
        user: fc.option(name),
        host,
        port: fc.option(port),
        path: fc.option(path),
      }),
    );
    fc.assert(
      fc.property(address, (each) => {
        expect(parseAddress(showAddress(each))).toEqual(each);
      }),
    );
  });

  it("never throws, and never shows a password", () => {
    fc.assert(
      fc.property(fc.constantFrom("tcp", "http", "ssh", "unix"), fc.string(), fc.string(), (scheme, user, rest) => {
        const read = parseAddress(`${scheme}://${user}:s3cr3t-word@${rest}`);
        const shown = typeof read === "string" ? read : showAddress(read);
        if (scheme !== "unix" && !user.includes("/")) expect(shown).not.toContain("s3cr3t-word");
      }),
    );
  });
});
