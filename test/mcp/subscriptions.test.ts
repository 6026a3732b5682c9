// Clients that follow resources, in both eras: what they are told of, and of what not.
import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as ClientOne } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as TransportOne } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ResourceUpdatedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, test } from "vitest";
import { BIN, atEnd, folder, poll } from "../rig.ts";

const YAML = `
commands: [{ name: show, description: d, effect: read, run: [echo] }]
resources:
  - { uri: "docs:///readme", name: readme, file: README.md }
  - { uri: "docs:///other", name: other, file: other.md }
  - { uri: "docs:///late", name: late, file: not/yet/there.md }
  - { uri: "docs:///all/", name: all, folder: docs, files: ["**/*.md"] }
  - { uri: "src:///{+path}", name: source, file: "\${{ path }}", params: { path: { type: path, exists: file } } }
  - { uri: "run:///show", name: show, command: show }
`;

interface Follower {
  /** How often it was told of an address so far. */
  told(uri: string): number;
  follow(uri: string): Promise<() => Promise<unknown>>;
}

const KINDS = ["SDK 1", "SDK 2 (legacy)", "SDK 2 (auto)"] as const;

async function connect(kind: (typeof KINDS)[number], path: string): Promise<Follower> {
  const updates: string[] = [];
  const info = { name: "follower", version: "1" };
  const args = [BIN, "serve", "-c", join(path, "mcpfier.yaml")];
  const server = {
    command: process.execPath,
    args,
    env: { PATH: process.env["PATH"] ?? "" },
    stderr: "ignore" as const,
  };
  const told = (uri: string): number => updates.filter((each) => each === uri).length;
  if (kind === "SDK 1") {
    const client = new ClientOne(info);
    atEnd(() => client.close());
    await client.connect(new TransportOne(server));
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void updates.push(params.uri));
    const follow: Follower["follow"] = async (uri) => {
      await client.subscribeResource({ uri });
      return () => client.unsubscribeResource({ uri });
    };
    return { told, follow };
  }
  const isNew = kind === "SDK 2 (auto)";
  const client = new Client(info, { versionNegotiation: { mode: isNew ? "auto" : "legacy" } });
  atEnd(() => client.close());
  await client.connect(new StdioClientTransport(server));
  client.setNotificationHandler("notifications/resources/updated", ({ params }) => void updates.push(params.uri));
  const follow: Follower["follow"] = async (uri) => {
    if (isNew) {
      const subscription = await client.listen({ resourceSubscriptions: [uri] });
      return () => subscription.close();
    }
    await client.subscribeResource({ uri });
    return () => client.unsubscribeResource({ uri });
  };
  return { told, follow };
}

function place(): string {
  const path = folder({
    "mcpfier.yaml": YAML,
    "README.md": "1",
    "other.md": "1",
    "docs/a.md": "1",
    "docs/sub/b.md": "1",
  });
  symlinkSync("a.md", join(path, "docs/link.md"));
  return path;
}

describe.each(KINDS)("%s", (kind) => {
  test("is told of what changes, and of nothing else", async () => {
    const path = place();
    const { told, follow } = await connect(kind, path);
    const hears = async (uri: string, change: () => void): Promise<void> => {
      const before = told(uri);
      change();
      await poll(
        () => told(uri) > before,
        () => `not told of ${uri}`,
      );
    };
    const leave = await follow("docs:///readme");
    for (const uri of [
      "docs:///late",
      "docs:///all/",
      "docs:///all/sub/b.md",
      "docs:///all/link.md",
      "src:///other.md",
    ])
      await follow(uri);
    // The new era acknowledges before the server has looked for the first time; it looks at the last one last.
    await poll(
      () => {
        appendFileSync(join(path, "other.md"), "1");
        return told("src:///other.md") > 0;
      },
      () => "not told of what changes all the time",
    );
    await hears("docs:///readme", () => appendFileSync(join(path, "README.md"), "2"));
    await hears("docs:///readme", () => {
      writeFileSync(join(path, "new.md"), "other");
      renameSync(join(path, "new.md"), join(path, "README.md"));
    });
    await hears("src:///other.md", () => appendFileSync(join(path, "other.md"), "2"));
    await hears("docs:///all/sub/b.md", () => appendFileSync(join(path, "docs/sub/b.md"), "2"));
    await hears("docs:///all/link.md", () => {
      unlinkSync(join(path, "docs/link.md"));
      symlinkSync("sub/b.md", join(path, "docs/link.md"));
    });
    await hears("docs:///all/", () => {
      mkdirSync(join(path, "docs/deep"));
      writeFileSync(join(path, "docs/deep/c.md"), "");
    });
    await hears("docs:///all/", () => rmSync(join(path, "docs/deep/c.md")));
    await hears("docs:///late", () => {
      mkdirSync(join(path, "not/yet"), { recursive: true });
      writeFileSync(join(path, "not/yet/there.md"), "");
    });
    // What went is followed still, and so is what the catalogue says another thing of.
    await hears("docs:///readme", () => rmSync(join(path, "README.md")));
    await hears("docs:///readme", () =>
      writeFileSync(join(path, "mcpfier.yaml"), YAML.replace("file: README.md", "file: other.md")),
    );
    await leave();
    const before = told("docs:///readme");
    await hears("src:///other.md", () => appendFileSync(join(path, "other.md"), "3"));
    expect(told("docs:///readme")).toBe(before);
    expect(told("docs:///other")).toBe(0);
  });
});

test("what nothing on the disk decides, and what is not there, is not followed, and that is said", async () => {
  const { follow } = await connect("SDK 1", place());
  await expect(follow("run:///show")).rejects.toThrow(/what a command prints is not followed; read it again/);
  await expect(follow("mcpfier://calls/x/stdout")).rejects.toThrow(/what a call printed is not followed/);
  await expect(follow("docs:///nothing")).rejects.toThrow(/no resource has the address/);
  await expect(follow("docs:///all/..%2FREADME.md")).rejects.toThrow(/is not a file of docs/);
  await expect(follow("src:///..%2F..%2Fetc%2Fpasswd")).rejects.toThrow(/path\.outside/);
});
