import type { Host } from "../base/host.ts";
import { log } from "../base/log.ts";

/**
 * The PATH of the user's login shell, as `defaults.env.login_path` asks for: desktop clients start servers without it. A shell
 * that does not answer within 3 s, or prints no PATH, leaves the server's own.
 */
export async function loginPath(host: Host): Promise<string> {
  const shell = host.env["SHELL"] ?? "/bin/sh";
  const mark = "__mcpfier_path__";
  // A profile may print anything, so the answer stands between marks; apart from them, as every shell (fish too) reads it.
  const { execa } = await import("execa");
  const result = await execa(shell, ["-lic", `printf %s ${mark} "$PATH" ${mark}`], {
    env: { ...host.env },
    extendEnv: false,
    reject: false,
    stdin: "ignore",
    stderr: "ignore",
    timeout: 3000,
    forceKillAfterDelay: 100,
    detached: true,
    maxBuffer: 1_000_000,
  });
  const path = result.stdout?.split(mark)[1];
  if (path !== undefined && path !== "") return path;
  log.warn({ shell }, "the login shell told no PATH within 3 s; the server's own is used");
  return host.path;
}
