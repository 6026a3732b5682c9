// What holds a command in its container: each wall is run against.
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bridgeAddress, docker } from "../../engines.ts";
import { atEnd, folder } from "../../rig.ts";
import { commands, engine, imageOf, inside, script } from "./inside.ts";

describe("files", () => {
  it("of the image cannot be written, and /tmp can, up to its size, and programs in it run", async () => {
    const fill = "dd if=/dev/zero of=$0 bs=65536 count=40; stat -c %s $0";
    const { root, etc, tmp, home, small, more, device, open } = await inside({
      root: ["touch /new"],
      etc: ["echo x >>/etc/passwd"],
      tmp: ["cp /bin/busybox /tmp/echo && /tmp/echo hi; df -k /tmp | awk 'END { print $2 }'"],
      home: ['cd && echo x >x && pwd; cat "$HOME/x"'],
      small: [fill.replaceAll("$0", "/tmp/big"), { tmpfs: { "/tmp": "1MiB" } }],
      more: [fill.replaceAll("$0", "/cache/big"), { tmpfs: { "/cache": "512KiB" } }],
      device: ["cp /bin/busybox /tmp/su; chmod u+s /tmp/su; mount | grep ' /tmp '"],
      open: ["touch /tmp/new /new && echo written", { read_only: false, allow_root: true }],
    });
    expect(root).toMatchObject({ kind: "failed", stderr: expect.stringContaining("Read-only file system") });
    expect(etc).toMatchObject({ kind: "failed" });
    expect(tmp?.stdout).toBe("hi\n65536");
    expect(home?.stdout).toBe("/tmp\nx");
    expect(small?.stderr).toContain("No space left on device");
    expect(small?.stdout).toBe(String(1024 ** 2));
    expect(more?.stdout).toBe(String(512 * 1024));
    expect(device?.stdout).toMatch(/nosuid.*nodev|nodev.*nosuid/);
    expect(open?.stdout).toBe("written");
  });

  it("of the host are seen as they are mounted, read-only where that is said, and paths arrive as they are inside", async () => {
    const where = folder({ "data/one.txt": "one", "out/.keep": "" });
    chmodSync(where, 0o755);
    chmodSync(join(where, "out"), 0o777);
    const mounts = ["${{ workspace }}/data:/data:ro", "${{ workspace }}/out:/out"];
    const params = { file: { type: "path", within: ["data"], required: true } };
    const cat = { run: ["cat", "--", "${{ file }}"], params };
    const call = await commands(
      {
        ro: script("echo x >/data/two.txt", { mounts }),
        rw: script("echo x >/out/two.txt", { mounts }),
        translated: { ...cat, container: { image: "mcpfier/busybox:test", mounts } },
        shown: {
          ...cat,
          run: ["echo", "${{ file }}"],
          container: { image: "mcpfier/busybox:test", mounts },
        },
        alone: { ...cat, container: { image: "mcpfier/busybox:test", mounts: ["${{ file }}:/in/file:ro"] } },
        unseen: script("ls /; ls /work", { mounts: [] }),
      },
      { folder: where },
    );
    expect((await call("ro")).stderr).toContain("Read-only file system");
    expect((await call("rw")).kind).toBe("completed");
    expect(readFileSync(join(where, "out/two.txt"), "utf8")).toBe("x\n");
    expect(await call("translated", { file: "one.txt" })).toMatchObject({ stdout: "one", stderr: "" });
    expect((await call("shown", { file: "one.txt" })).stdout).toBe("/data/one.txt");
    expect((await call("alone", { file: "one.txt" })).stdout).toBe("one");
    expect((await call("unseen")).stdout).not.toContain("one.txt");
  });

  it("in a named volume are there in the next call", async () => {
    const volume = `mcpfier-${crypto.randomUUID()}`;
    await docker(engine, "volume", "create", volume);
    atEnd(() => docker(engine, "volume", "rm", "--force", volume));
    const container = { mounts: [`${volume}:/kept`], allow_root: true };
    const call = await commands({
      write: script("echo kept >/kept/x", container),
      read: script("cat /kept/x", container),
    });
    expect((await call("write")).kind).toBe("completed");
    expect((await call("read")).stdout).toBe("kept");
  });
});

describe("the network", () => {
  it("is not there, unless it is asked for", async () => {
    const address = await bridgeAddress(engine);
    const ping = `ls /sys/class/net | xargs; ping -c1 -W2 ${address}`;
    const capability = { allow_root: true, capabilities: ["NET_RAW"] };
    const said = await inside({ none: [ping, capability], bridge: [ping, { ...capability, network: "bridge" }] });
    expect(said["none"]).toMatchObject({ kind: "failed", stderr: expect.stringContaining("Network is unreachable") });
    expect(said["none"]?.stdout.split("\n")[0]).toBe("lo");
    expect(said["bridge"]).toMatchObject({ kind: "completed", stdout: expect.stringContaining(" 0% packet loss") });
  });
});

describe("rights", () => {
  it("root has none in a container, and those that are named where they are", async () => {
    const root = { allow_root: true, user: "0" };
    const chown = "id -u; touch /tmp/x && chown 1:1 /tmp/x && stat -c %u /tmp/x";
    const said = await inside({
      chown: [chown, root],
      granted: [chown, { ...root, capabilities: ["CHOWN"] }],
      spelled: [chown, { ...root, capabilities: ["CAP_CHOWN"] }],
      mknod: ["mknod /tmp/null c 1 3", root],
      raw: ["ping -c1 -W2 127.0.0.1", root],
      grantedRaw: ["ping -c1 -W2 127.0.0.1", { ...root, capabilities: ["NET_RAW"] }],
      mount: ["mount -t tmpfs tmpfs /tmp", root],
      setuid: ["cat /proc/self/status", root],
    });
    for (const name of ["chown", "mknod", "raw", "mount"])
      expect(said[name], name).toMatchObject({
        kind: "failed",
        stderr: expect.stringMatching(/not permitted|permission denied/i),
      });
    expect(said["granted"]?.stdout).toBe("0\n1");
    expect(said["spelled"]?.stdout).toBe("0\n1");
    expect(said["grantedRaw"]?.kind).toBe("completed");
    expect(said["setuid"]?.stdout).toMatch(/^CapBnd:\t0{16}$/m);
  });

  it("are not gained by a setuid program, and system calls are filtered", async () => {
    const image = await imageOf("tools", "cp /usr/bin/id /usr/bin/become; chmod 4755 /usr/bin/become");
    const become = ["run", "--rm", "--network=none", "--user=65534:65534", image, "become", "-u"];
    // Without our wall it is root.
    expect(await docker(engine, ...become)).toBe("0");
    const said = await inside({
      become: ["become -u; id -u", { image }],
      status: ["grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status | xargs"],
      filtered: ["unshare --user true", { image }],
    });
    expect(said["become"]?.stdout).toBe("65534\n65534");
    expect(said["status"]?.stdout).toBe("NoNewPrivs: 1 Seccomp: 2");
    expect(said["filtered"]).toMatchObject({ kind: "failed", stderr: expect.stringContaining("not permitted") });
  });
});

describe("the user", () => {
  it("is the image's, but root only where that is allowed", async () => {
    const named = await imageOf("busybox", "true", "USER node");
    const zero = await imageOf("busybox", "true", "USER 0:0");
    const id = 'echo "$(id -u):$(id -g)"';
    const own = process.getuid?.() === 0 ? "65534:65534" : `${process.getuid?.()}:${process.getgid?.()}`;
    const said = await inside({
      root: [id],
      zero: [id, { image: zero }],
      allowed: [id, { allow_root: true }],
      nobody: [id, { image: "mcpfier/nobody:test" }],
      image: [id, { image: named }],
      number: [id, { user: "1234:4321" }],
      name: [id, { user: "node" }],
    });
    expect(Object.fromEntries(Object.entries(said).map(([name, { stdout }]) => [name, stdout]))).toEqual({
      root: own,
      zero: own,
      allowed: "0:0",
      nobody: expect.stringMatching(/^65534:/),
      image: "1000:1000",
      number: "1234:4321",
      name: "1000:1000",
    });
  });

  it("can read the files of arguments, whoever it is", async () => {
    const named = await imageOf("busybox", "true", "USER node");
    const params = { x: { type: "string", as: "file" } };
    const read = (container: object = {}): object => ({
      run: ["cat", "${{ x }}"],
      params,
      container: { image: "mcpfier/busybox:test", ...container },
    });
    const call = await commands({
      root: read(),
      allowed: read({ allow_root: true }),
      nobody: read({ image: "mcpfier/nobody:test" }),
      named: read({ image: named }),
      user: read({ user: "node" }),
      number: read({ user: "1234:4321" }),
      uid: read({ user: "1234" }),
    });
    const tools = ["root", "allowed", "nobody", "named", "user", "number", "uid"];
    const said = await Promise.all(tools.map((tool) => call(tool, { x: `for ${tool}` })));
    tools.forEach((tool, at) => expect(said[at], tool).toMatchObject({ stdout: `for ${tool}`, stderr: "" }));
  });
});

describe("limits", () => {
  it("half a core is half a core, for all processes together", async () => {
    const spin = `import os, time
begin = time.monotonic()
child = os.fork()
while time.monotonic() < begin + 2: pass
if child == 0: os._exit(0)
os.wait()
print(sum(os.times()[:4]) / (time.monotonic() - begin))`;
    const call = await commands({
      spin: { run: ["python3", "-c", spin], limits: { cpu: 0.5 }, container: "mcpfier/tools:test" },
    });
    const cores = Number((await call("spin")).stdout);
    // Two that spin would take up to two.
    expect(cores).toBeGreaterThan(0.1);
    expect(cores).toBeLessThan(0.75);
  });

  it("of files and processes are met by what the command does", async () => {
    const said = await inside({
      files: ["ulimit -n; exec 15</tmp && echo one; exec 16</tmp && echo too many", {}, { limits: { open_files: 16 } }],
      size: [
        "head -c 3000000 /dev/zero >/tmp/big; echo $?; stat -c %s /tmp/big",
        {},
        { limits: { file_size: "1MiB" } },
      ],
      processes: ["for i in 1 2 3 4 5 6 7 8 9; do sleep 5 & done; echo all", {}, { limits: { processes: 4 } }],
      core: ["ulimit -Hc"],
    });
    expect(said["files"]).toMatchObject({ kind: "failed", stdout: "16\none" });
    expect(said["size"]?.stdout).toBe(`153\n${1024 ** 2}`);
    expect(said["processes"]).toMatchObject({ kind: "failed", stderr: expect.stringContaining("can't fork") });
    expect(said["core"]?.stdout).toBe("0");
  });
});

describe("an image without a shell", () => {
  it("runs argv commands with the usual settings", async () => {
    const where = folder({ x: "mounted" });
    chmodSync(where, 0o755);
    const image = "mcpfier/scratch:test";
    const call = await commands(
      {
        yes: { run: ["/true"], container: image },
        byName: { run: ["true"], container: image },
        read: {
          run: ["cat", "${{ file }}"],
          params: { file: { type: "path", within: "workspace" } },
          container: { image, mounts: ["${{ workspace }}:/w:ro"] },
        },
        stdin: { run: ["/cat"], stdin: "${{ x }}", params: { x: { type: "string" } }, container: image },
        argument: {
          run: ["/cat", "${{ x }}"],
          params: { x: { type: "string", as: "file" } },
          container: image,
        },
      },
      { folder: where },
    );
    expect(await call("yes")).toMatchObject({ kind: "completed", stdout: "", stderr: "" });
    expect((await call("byName")).kind).toBe("completed");
    expect((await call("read", { file: "x" })).stdout).toBe("mounted");
    expect((await call("stdin", { x: "through" })).stdout).toBe("through");
    expect((await call("argument", { x: "as a file" })).stdout).toBe("as a file");
  });
});
