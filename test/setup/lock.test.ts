import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { ownerId } from "../../src/base/owner.ts";
import { alone } from "../../src/setup/lock.ts";
import { folder } from "../rig.ts";

const LOCK = resolve(import.meta.dirname, "../../src/setup/lock.ts");

/** Leaves the lock of one who died and takes it, time and again, and says when it was not alone. */
const HOLDER = `
import { appendFileSync, closeSync, linkSync, openSync, rmSync } from "node:fs";
import { alone } from ${JSON.stringify(LOCK)};
const [home] = process.argv.slice(1);
for (let left = 40; left > 0; left--) {
  try {
    linkSync(home + "/dead", home + "/lock");
  } catch {}
  await alone(home + "/lock", async () => {
    try {
      closeSync(openSync(home + "/busy", "wx"));
    } catch {
      appendFileSync(home + "/clashes", "x");
    }
    await new Promise(setImmediate);
    rmSync(home + "/busy", { force: true });
    appendFileSync(home + "/held", ".");
  });
}
`;

async function deadOwner(): Promise<string> {
  const dead = spawn(process.execPath, ["-e", ""]);
  await once(dead, "exit");
  return `${dead.pid}-1-${ownerId().split("-")[2] ?? ""}`;
}

it("a lock of one who died is taken by one at a time", async () => {
  const home = folder({ clashes: "", dead: await deadOwner() });
  const holders = Array.from({ length: 5 }, () =>
    spawn(process.execPath, ["--input-type=module", "-e", HOLDER, home], { stdio: ["ignore", "ignore", "inherit"] }),
  );
  const endings = await Promise.all(holders.map((child) => once(child, "exit")));
  expect(endings.map(([code]) => code)).toEqual(holders.map(() => 0));
  expect(readFileSync(join(home, "held"), "utf8")).toHaveLength(5 * 40);
  expect(readFileSync(join(home, "clashes"), "utf8")).toBe("");
  expect(readdirSync(home).toSorted()).toEqual(["clashes", "dead", "held"]);
});

it("the right to take a lock away is taken from one who died with it", async () => {
  const home = folder();
  const file = join(home, "lock");
  const owner = await deadOwner();
  for (const name of [file, `${file}.${owner}`]) writeFileSync(name, owner);
  expect(await alone(file, async () => readFileSync(file, "utf8"))).toBe(ownerId());
  expect(readdirSync(home)).toEqual([]);
});
