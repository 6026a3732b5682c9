import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Catalogue } from "../../src/catalogue/catalogue.ts";
import { type LoadOptions, loadCatalogue } from "../../src/catalogue/load.ts";
import { RESERVED } from "../../src/cli/words.ts";
import { folder, host } from "../rig.ts";

const CLEAN = { CLAUDE_PROJECT_DIR: "", CURSOR_PROJECT_DIR: "", GEMINI_PROJECT_DIR: "" };

async function load(
  yaml: string,
  { env = {}, ...options }: Partial<LoadOptions> & { readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Catalogue> {
  const file = join(folder({ client: "" }), "mcpfier.yaml");
  writeFileSync(file, yaml);
  const there = { ...host, env: { ...host.env, ...CLEAN, ...env } };
  const { catalogue, problems } = await loadCatalogue(file, { host: there, reserved: RESERVED, ...options });
  if (!catalogue) throw new Error(problems.map(({ message }) => message).join("; "));
  return catalogue;
}

const CLIENT = "workspace: client\ncommands:\n  - { name: a, description: d, run: [pwd] }\n";

test("The workspace of a client is what `--workspace` says, else the client, else a variable of one that names a folder", async () => {
  const [said, root, cursor] = [folder(), folder({ file: "" }), folder()];
  const env = { CLAUDE_PROJECT_DIR: join(root, "file"), CURSOR_PROJECT_DIR: cursor, GEMINI_PROJECT_DIR: root };
  expect((await load(CLIENT, { workspace: said, root, env })).workspace).toEqual({
    path: said,
    takesRoots: false,
    isUnknown: false,
  });
  expect((await load(CLIENT, { root, env })).workspace).toMatchObject({ path: root, takesRoots: true });
  expect((await load(CLIENT, { env })).workspace).toEqual({ path: cursor, takesRoots: true, isUnknown: false });
  for (const CLAUDE_PROJECT_DIR of ["", ".", "/nowhere/at/all"])
    expect((await load(CLIENT, { env: { CLAUDE_PROJECT_DIR } })).workspace.isUnknown).toBe(true);
  const fixed = await load(CLIENT.replace("client", "."), { root, env });
  expect(fixed.workspace).toEqual({ path: fixed.commands[0]?.workspace, takesRoots: false, isUnknown: false });
});

test("What lacks a workspace that nobody has named is what would work in it, and nothing else", async () => {
  const { commands, resources, prompts } = await load(`
workspace: client
commands:
  - { name: lacks_cwd, description: d, run: [pwd] }
  - { name: lacks_below, description: d, run: [pwd], cwd: src }
  - { name: lacks_path, description: d, run: [cat, --, "\${{ p }}"], cwd: /, params: { p: { type: path } } }
  - { name: lacks_root, description: d, run: [cat, --, "\${{ p }}"], cwd: /, params: { p: { type: path, within: [src] } } }
  - { name: lacks_word, description: d, run: [ls, "\${{ workspace }}/x"], cwd: / }
  - { name: lacks_env, description: d, run: [ls], cwd: /, env: { A: "\${{ workspace }}" } }
  - { name: lacks_stdin, description: d, run: [ls], cwd: /, stdin: "\${{ workspace }}" }
  - { name: lacks_mount, description: d, run: [ls], container: { image: i, mounts: ["\${{ workspace }}:/w:ro"] } }
  - { name: has_own, description: d, run: [ls], cwd: /tmp }
  - { name: has_shell, description: d, shell: sh, run: ls, cwd: /tmp }
  - { name: has_other, description: d, run: [cat, --, "\${{ p }}"], cwd: /, params: { p: { type: path, within: [/tmp] } } }
  - { name: has_box, description: d, run: [ls], container: { image: i } }
  - { name: has_hook, description: d, webhook: { url: "https://example.org/" } }
resources:
  - { uri: "a:///lacks", name: lacks, file: a }
  - { uri: "a:///has", name: has, file: /tmp/a, within: [/tmp] }
prompts:
  - { name: lacks, text: "In \${{ workspace }}." }
  - { name: has, text: Hello. }
`);
  const lacking = commands.filter(({ lacksWorkspace }) => lacksWorkspace).map(({ name }) => name);
  expect(lacking).toEqual(commands.map(({ name }) => name).filter((name) => name.startsWith("lacks")));
  expect([...resources, ...prompts].map(({ name }) => name)).toEqual(["has", "has"]);
});
