import { expect, it } from "vitest";
import { folder, host, load } from "../rig.ts";

const cwdOf = async (cwd: string, workspace: string): Promise<unknown> => {
  const yaml = `commands:\n  - { name: a, description: b, run: [ls], cwd: ${JSON.stringify(cwd)} }\n`;
  const { catalogue } = await load(yaml, { host: { ...host, home: "/home/somebody" }, folder: workspace });
  return catalogue?.commands[0]?.cwd;
};

it.each([
  ["~", "/home/somebody"],
  ["~/notes", "/home/somebody/notes"],
  ["/tmp/~", "/tmp/~"],
])("a `cwd` of %s is the folder %s", async (cwd, expected) => {
  expect(await cwdOf(cwd, folder())).toEqual([expected]);
});

it.each(["notes", "./notes", "${{ workspace }}/notes", "~notes"])("a `cwd` of %s lies in the workspace", async (cwd) => {
  const workspace = folder();
  expect(await cwdOf(cwd, workspace)).toEqual([`${workspace}/${cwd.startsWith("~") ? "~notes" : "notes"}`]);
});
