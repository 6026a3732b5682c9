import { homedir } from "node:os";

/** What the machine and the server's own environment decide; read once, so that everything behind it is a pure function. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly home: string;
  /** The PATH that commands get and programs are looked up in. */
  readonly path: string;
  /** The folder in which the kernel tells a process of its control groups and its mounts (proc(5)). */
  readonly procSelf: string;
}

export function currentHost(): Host {
  const { env, platform, arch } = process;
  return {
    env,
    platform,
    arch,
    home: homedir(),
    path: env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
    procSelf: "/proc/self",
  };
}
