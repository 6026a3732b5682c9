import { chmodSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Host } from "../../src/base/host.ts";
import { engineOf, folder, host, load } from "../rig.ts";

const YAML = `
defaults: { env: { login_path: true } }
commands:
  - { name: path, description: d, run: [sh, -c, 'printf %s "$PATH"'] }
  - { name: own, description: d, run: [only-at-home] }
`;

/** A host whose login shell is this script; its arguments are those that a shell gets. */
function withShell(script: string): { host: Host; bin: string } {
  const path = folder({ shell: `#!/bin/sh\n${script}\n`, "bin/only-at-home": "#!/bin/sh\necho at home\n" });
  chmodSync(join(path, "shell"), 0o755);
  chmodSync(join(path, "bin/only-at-home"), 0o755);
  return { host: { ...host, env: { ...host.env, SHELL: join(path, "shell"), BIN: join(path, "bin") } }, bin: join(path, "bin") };
}

describe("login_path", () => {
  test("takes PATH from the login shell, whatever its profile prints, and finds programs there", async () => {
    const { host: own, bin } = withShell('echo "welcome back"; PATH="$BIN:$PATH"; export PATH; exec /bin/sh -c "$2"');
    const engine = await engineOf(YAML, { host: own });
    expect(await engine.call({ tool: "path", arguments: {} })).toMatchObject({ shown: { text: `${bin}:${host.path}` } });
    expect(await engine.call({ tool: "own", arguments: {} })).toMatchObject({ shown: { text: "at home\n" } });
  });

  test.each([
    ["fails", "exit 3"],
    ["prints nothing of use", "echo hello"],
    ["never ends", "exec sleep 100"],
  ])("leaves the server's own PATH when the shell %s", async (_how, script) => {
    const loaded = await load(YAML, { host: withShell(script).host });
    expect(loaded.catalogue?.path).toBe(host.path);
    expect(loaded.isReproducible).toBe(false);
  });

  test("leaves it, too, when there is no such shell", async () => {
    const path = folder();
    const loaded = await load(YAML, { host: { ...host, env: { ...host.env, SHELL: join(path, "none") } } });
    expect(loaded.catalogue?.path).toBe(host.path);
  });
});
