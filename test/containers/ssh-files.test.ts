import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { knownHost } from "../../src/containers/known-hosts.ts";
import { readSshConfig } from "../../src/containers/ssh-config.ts";

const key = Buffer.from("the key");
const encoded = key.toString("base64");
const other = Buffer.from("another").toString("base64");

function hashed(name: string): string {
  const salt = Buffer.from("some salt");
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
}

describe("known hosts", () => {
  it.each([
    ["a plain name", `one,far ssh-ed25519 ${encoded} comment`, "far", 22, "known"],
    ["a name in capitals", `far ssh-ed25519 ${encoded}`, "FAR", 22, "known"],
    ["a pattern", `*.example.com ssh-ed25519 ${encoded}`, "a.example.com", 22, "known"],
    ["a pattern with an exception", `*.example.com,!a.* ssh-ed25519 ${encoded}`, "a.example.com", 22, "unknown"],
    ["a dot that is no pattern", `a.b ssh-ed25519 ${encoded}`, "axb", 22, "unknown"],
    ["a hashed name", `${hashed("far")} ssh-ed25519 ${encoded}`, "far", 22, "known"],
    ["a hash of another name", `${hashed("near")} ssh-ed25519 ${encoded}`, "far", 22, "unknown"],
    ["a port", `[far]:2222 ssh-ed25519 ${encoded}`, "far", 2222, "known"],
    ["a hashed name with a port", `${hashed("[far]:2222")} ssh-ed25519 ${encoded}`, "far", 2222, "known"],
    ["another port", `far ssh-ed25519 ${encoded}`, "far", 2222, "unknown"],
    ["another key", `far ssh-ed25519 ${other}`, "far", 22, "changed"],
    ["one of two keys", `far ssh-rsa ${other}\nfar ssh-ed25519 ${encoded}`, "far", 22, "known"],
    ["a revoked key", `far ssh-ed25519 ${encoded}\n@revoked * ssh-ed25519 ${encoded}`, "far", 22, "revoked"],
    ["an authority", `@cert-authority far ssh-ed25519 ${encoded}`, "far", 22, "unknown"],
    ["a comment", `# far ssh-ed25519 ${encoded}`, "far", 22, "unknown"],
    ["nothing", "", "far", 22, "unknown"],
  ])("with %s are judged", (_what, file, name, port, judgement) => {
    expect(knownHost(["", file], name, port).judge(key)).toBe(judgement);
  });

  it("tell of which kinds their keys are", () => {
    expect(knownHost([`far ssh-rsa ${other}\nfar ssh-rsa ${encoded}`], "far", 22).kinds).toEqual(["ssh-rsa"]);
  });
});

describe("the SSH configuration", () => {
  const config = `
    User everywhere
    Host far *.far
      HostName far.example.com
      Port=2222
      User never
      IdentityFile "~/.ssh/with space"
    Host * !far
      HostName %h.example.org
    Match host far
      Port 99
    Host f?r
      IdentityFile %d/second
      Port 77`;

  it("gives the first value of each word, and every identity file", () => {
    expect(readSshConfig(config, "far")).toEqual({
      hostName: "far.example.com",
      user: "everywhere",
      port: 2222,
      identityFiles: ["~/.ssh/with space", "%d/second"],
    });
  });

  it("passes over sections for others", () => {
    expect(readSshConfig(config, "near")).toMatchObject({
      hostName: "near.example.org",
      port: null,
      identityFiles: [],
    });
  });

  it("says nothing where nothing is written, or no port", () => {
    const nothing = { hostName: null, user: null, port: null, identityFiles: [] };
    expect(readSshConfig("", "far")).toEqual(nothing);
    expect(readSshConfig("Port ssh", "far")).toEqual(nothing);
  });
});
