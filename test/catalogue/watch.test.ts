// What is served while files change: cases C7, C19 and C20 again, where time decides.
import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createTrail } from "../../src/catalogue/trail.ts";
import { folder, host, poll } from "../rig.ts";
import { catalogue, command, follow, followIn, names, read } from "./follow.ts";

const many = Array.from({ length: 12 }, (_, index) => `part_${index}`);

describe("C7: a file that is being written", () => {
  it("C7: is not used while it grows, though each part of it is a whole catalogue", async () => {
    const followed = await follow(catalogue("old"));
    writeFileSync(followed.file, "commands:\n");
    const parts = many.map((name) => command(name)).values();
    // Timers of one process come in their order: there is a part between any two looks.
    const writing = setInterval(() => {
      const { value, done = false } = parts.next();
      if (done) clearInterval(writing);
      else appendFileSync(followed.file, value ?? "");
    }, 40);
    await followed.servesSoon(many);
    expect(followed.changes).toHaveLength(1);
    expect(followed.failures).toEqual([]);
  });

  it("C7: is not used when it was read at half, though the half is a whole catalogue", async () => {
    const followed = await follow(catalogue("old"));
    followed.onceBeforeLoad(() => writeFileSync(followed.file, catalogue("half")));
    followed.onceAfterLoad(() => appendFileSync(followed.file, command("whole")));
    writeFileSync(followed.file, catalogue("first"));
    await followed.servesSoon(["half", "whole"]);
    expect(followed.changes.map(names)).toEqual([["half", "whole"]]);
  });

  it("C7: is not used when it was half written as it was included for the first time", async () => {
    const followed = await follow(catalogue("old"), { "sub/more.yaml": catalogue("half") });
    followed.onceAfterLoad(() => appendFileSync(join(followed.path, "sub/more.yaml"), command("whole")));
    writeFileSync(followed.file, `include: [sub/more.yaml]\n${catalogue("old")}`);
    await followed.servesSoon(["old", "half", "whole"]);
    expect(followed.changes).toHaveLength(1);
  });

  it("C7: and changed between the start and the begin of following is seen", async () => {
    const followed = await follow(catalogue("old"), {}, {
      meanwhile: (path) => writeFileSync(join(path, "mcpfier.yaml"), catalogue("new")),
    });
    await followed.servesSoon(["new"]);
  });

  it("C7: ten times in a moment is read a few times, and what it is in the end is served", async () => {
    const followed = await follow(catalogue("old"));
    for (let save = 1; save <= 10; save += 1) {
      writeFileSync(followed.file, catalogue(`save_${save}`));
      await new Promise(setImmediate);
    }
    await followed.servesSoon(["save_10"]);
    expect(followed.counts.loads).toBeLessThan(10);
    expect(followed.failures).toEqual([]);
  });
});

describe("C19: a file that cannot be used", () => {
  it("C19: is told once for each of its states, and again when it is asked for", async () => {
    const followed = await follow(catalogue("old"));
    writeFileSync(followed.file, "commands: [");
    await followed.failsSoon();
    // Behind the use of what is read.
    followed.onceAfterLoad(() => setImmediate(() => writeFileSync(followed.file, "nothing: 1\n")));
    writeFileSync(followed.file, "commands: [");
    await followed.failsSoon(2);
    expect(followed.failures.map(({ problems }) => problems[0]?.rule)).toEqual(["syntax", "unknown-key"]);
    followed.reload();
    await followed.failsSoon(3);
    writeFileSync(followed.file, catalogue("old"));
    await poll(
      () => followed.counts.unchanged === 1,
      () => "the mend was not told",
    );
    expect(followed.changes).toEqual([]);
  });

  it("C19: hides none of the files that it included before", async () => {
    const more = { "more.yaml": catalogue("more") };
    const followed = await follow(`include: [more.yaml]\n${catalogue("old")}`, more);
    writeFileSync(followed.file, `include: [more.yaml, other.yaml]\n${catalogue("old")}`);
    await followed.failsSoon();
    writeFileSync(join(followed.path, "more.yaml"), "commands: [");
    await followed.failsSoon(2);
    writeFileSync(join(followed.path, "other.yaml"), catalogue("other"));
    writeFileSync(join(followed.path, "more.yaml"), catalogue("again"));
    await followed.servesSoon(["old", "again", "other"]);
  });
});

describe("C20: a file behind a symbolic link", () => {
  it("C20: is followed when the link is led to another folder", async () => {
    const path = folder({ "v1/mcpfier.yaml": catalogue("one"), "v2/mcpfier.yaml": catalogue("two") });
    symlinkSync("v1", join(path, "current"));
    const followed = await followIn(path, { file: "current/mcpfier.yaml" });
    symlinkSync("v2", join(path, "next"));
    renameSync(join(path, "next"), join(path, "current"));
    await followed.servesSoon(["two"]);
    writeFileSync(join(path, "v2/mcpfier.yaml"), catalogue("three"));
    await followed.servesSoon(["three"]);
  });

  it("C20: is followed as a ConfigMap of Kubernetes is mounted, with what it includes", async () => {
    const path = folder();
    const mount = (version: string, ...tools: readonly string[]): void => {
      mkdirSync(join(path, version));
      writeFileSync(join(path, version, "mcpfier.yaml"), `include: ["tools-*.yaml"]\n${catalogue(`of_${version}`)}`);
      for (const tool of tools) writeFileSync(join(path, version, `tools-${tool}.yaml`), catalogue(tool));
      symlinkSync(version, join(path, "..data_tmp"));
      renameSync(join(path, "..data_tmp"), join(path, "..data"));
    };
    mount("v1", "a");
    symlinkSync("..data/mcpfier.yaml", join(path, "mcpfier.yaml"));
    const followed = await followIn(path);
    expect(followed.served()).toEqual(["of_v1", "a"]);
    mount("v2", "a", "b");
    rmSync(join(path, "v1"), { recursive: true });
    await followed.servesSoon(["of_v2", "a", "b"]);
    mount("v3");
    await followed.servesSoon(["of_v3"]);
    expect(followed.failures).toEqual([]);
  });

  it("C20: is looked for in the folder of each link on the way, and a circle has an end", async () => {
    const path = folder({ "a/b/mcpfier.yaml": catalogue("one") });
    symlinkSync("a", join(path, "first"));
    symlinkSync("../first/b/mcpfier.yaml", join(path, "a/link.yaml"));
    const { facts } = await read(join(path, "first/link.yaml"));
    const folders = createTrail(facts, host).folders();
    expect(folders).toEqual(expect.arrayContaining([path, join(path, "a"), join(path, "a/b")]));
    symlinkSync("circle.yaml", join(path, "circle.yaml"));
    const circle = await read(join(path, "circle.yaml"));
    expect(createTrail(circle.facts, host).folders()).toEqual([path]);
  });
});

describe("what else is in the folders", () => {
  it("is not looked at, so that a busy folder is no reason to read anything", async () => {
    const path = folder({ "mcpfier.yaml": `include: ["tools/*.yaml"]\n${catalogue("a")}`, "tools/b.yaml": catalogue("b") });
    const { facts } = await read(join(path, "mcpfier.yaml"));
    const trail = createTrail(facts, host);
    const before = trail.look();
    writeFileSync(join(path, "log.txt"), "more");
    writeFileSync(join(path, "tools/readme.md"), "more");
    expect(trail.look()).toBe(before);
    writeFileSync(join(path, "tools/c.yaml"), "");
    expect(trail.look()).not.toBe(before);
    unlinkSync(join(path, "tools/c.yaml"));
    expect(trail.look()).toBe(before);
  });
});

describe("a reload that is asked for", () => {
  it("asks the machine again what conditions ask of it, and says so when nothing differs", async () => {
    const followed = await follow(`commands:\n${command("a")}${command("b", `, when: 'file("go.mod")'`)}`);
    expect(followed.served()).toEqual(["a"]);
    followed.reload();
    await poll(
      () => followed.counts.unchanged === 1,
      () => "nothing was told",
    );
    writeFileSync(join(followed.path, "go.mod"), "");
    followed.reload();
    await followed.servesSoon(["a", "b"]);
    expect(followed.counts.loads).toBe(2);
  });
});
