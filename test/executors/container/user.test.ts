// Whom a container runs as where an image names its users as it likes.
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ownerId } from "../../../src/base/owner.ts";
import { daemonAt } from "../../../src/containers/daemon.ts";
import { locate } from "../../../src/containers/locate.ts";
import { usersIn } from "../../../src/executors/container/user.ts";
import { containersOf, docker } from "../../engines.ts";
import { atEnd, folder, host } from "../../rig.ts";
import { becomes, commands, engine, imageOf, script } from "./inside.ts";

const ID = 'echo "$(id -u):$(id -g)"';
const OWN = process.getuid?.() === 0 ? "65534:65534" : `${process.getuid?.()}:${process.getgid?.()}`;
const TOOR = "echo 'toor:x:0:0::/:/bin/sh' >>/etc/passwd";

/** How many containers the engine has created for a command. */
async function madeFor(tool: string, since: number): Promise<number> {
  const filters = ["type=container", "event=create", `label=mcpfier.command=${tool}`];
  const words = filters.flatMap((filter) => ["--filter", filter]);
  const until = Math.ceil(Date.now() / 1000);
  const said = await docker(engine, "events", `--since=${since}`, `--until=${until}`, "--format={{.ID}}", ...words);
  return said.split("\n").filter((line) => line !== "").length;
}

async function nothingLeft(): Promise<void> {
  const label = `mcpfier.owner=${ownerId()}`;
  await becomes(
    async () => (await containersOf(engine, label)).map(({ State }) => State),
    (left) => left.length === 0,
  );
}

describe("another name of root", () => {
  it("of an image is not root without `allow_root`, nor in a container that waits", async () => {
    const image = await imageOf("busybox", TOOR, "USER toor");
    const grouped = await imageOf("busybox", TOOR, "USER toor:node");
    const call = await commands({
      cold: script(ID, { image }),
      grouped: script(ID, { image: grouped }),
      warm: script(ID, { image, warm: 1 }),
      allowed: script(ID, { image, allow_root: true }),
    });
    for (const tool of ["cold", "grouped", "warm", "warm"]) expect((await call(tool)).stdout, tool).toBe(OWN);
    expect((await call("allowed")).stdout).toBe("0:0");
  });

  it("in the catalogue is refused, with the word that allows it", async () => {
    const image = await imageOf("busybox", TOOR);
    const call = await commands({
      t: script(ID, { image, user: "toor" }),
      warm: script(ID, { image, user: "toor", warm: 1 }),
      allowed: script(ID, { image, user: "toor", allow_root: true }),
    });
    for (const tool of ["t", "warm"])
      await expect(call(tool), tool).rejects.toThrow(/engine\.refused.*toor.* is root in the image.*allow_root: true/);
    expect((await call("allowed")).stdout).toBe("0:0");
  });

  it("is found behind a link, and taken for granted in a file that is too long to be read", async () => {
    const linked = await imageOf("busybox", `${TOOR}; mv /etc/passwd /etc/users; ln -s users /etc/passwd`, "USER toor");
    const far = "mkdir /lib; mv /etc/passwd /lib/passwd; ln -s ../lib/passwd /etc/passwd";
    const behind = await imageOf("busybox", far, "USER node");
    const large = await imageOf("busybox", "yes x:x:5:5 | head -n 60000 >>/etc/passwd", "USER node");
    const call = await commands({
      linked: script(ID, { image: linked }),
      behind: script(ID, { image: behind }),
      large: script(ID, { image: large }),
      named: script(ID, { image: large, user: "node" }),
    });
    for (const tool of ["linked", "large"]) expect((await call(tool)).stdout, tool).toBe(OWN);
    expect((await call("behind")).stdout).toBe("1000:1000");
    await expect(call("named")).rejects.toThrow(/or may be.*allow_root/);
  });
});

describe("a name that is not root's", () => {
  it("is looked up once for an image, by a container that is gone afterwards", async () => {
    const since = Math.floor(Date.now() / 1000);
    const image = await imageOf("busybox", "echo more:x:77:node >>/etc/group", "USER node");
    const [named, number] = [`n${crypto.randomUUID()}`, `n${crypto.randomUUID()}`];
    const call = await commands({
      [named]: script("id -u; id -G", { image }),
      [number]: script(ID, { image, user: "1000:77" }),
    });
    expect((await call(number)).stdout).toBe("1000:77");
    expect(await madeFor(number, since)).toBe(1);
    // With its groups, as ever.
    expect((await call(named)).stdout).toBe("1000\n1000 77");
    expect(await madeFor(named, since)).toBe(2);
    await Promise.all([call(named), call(named)]);
    expect(await madeFor(named, since)).toBe(4);
    await nothingLeft();
  });

  it("that the image does not have is refused", async () => {
    const call = await commands({
      none: script(ID, { user: "nobody-here" }),
      file: script(ID, { image: "mcpfier/scratch:test", user: "node" }),
    });
    await expect(call("none")).rejects.toThrow(/engine\.refused.*no user .*nobody-here/);
    await expect(call("file")).rejects.toThrow(/engine\.refused.*no user .*node/);
    await nothingLeft();
  });
});

it.each([
  ["a:x:5:6::/:", "a", 5],
  [" a:x:5:6", "a", 5],
  ["\u0085a:x:0:0", "a", 0],
  ["a:x:5:6\na:x:7:8", "a", 5],
  ["a:x:5:6\na:x:0:0", "a", 0],
  ["a:x:0:0\na:x:5:6", "a", 0],
  ["a", "a", 0],
  ["a:x::0", "a", 0],
  ["a:x:0x5:0", "a", 0],
  ["a:x:4294967296:0", "a", 0],
  ["a:x:007:0\r\n", "a", 7],
  ["b:x:5:6", "a", undefined],
])("of %j, %s is the user %j", (passwd, name, uid) => {
  expect(usersIn(passwd).get(name)).toBe(uid);
});

it("a file of a container that never started is read, and what is none is told apart", async () => {
  const daemon = daemonAt(await locate(engine, host));
  atEnd(() => daemon.close());
  const id = await docker(engine, "create", "mcpfier/busybox:test", "true");
  atEnd(() => docker(engine, "rm", "--force", id));
  const where = folder();
  const long = join(where, "x".repeat(150));
  writeFileSync(long, Buffer.from([0, 255, 10]));
  chmodSync(long, 0o644);
  await docker(engine, "cp", long, `${id}:/tmp/`);
  expect(await daemon.file(id, `/tmp/${"x".repeat(150)}`)).toEqual({ kind: "file", bytes: Buffer.from([0, 255, 10]) });
  expect(await daemon.file(id, "/etc")).toEqual({ kind: "other" });
  expect(await daemon.file(id, "/bin/sh")).toMatchObject({ kind: expect.stringMatching(/^(?:link|other)$/) });
  expect(await daemon.file(id, "/etc/none")).toBeNull();
});
