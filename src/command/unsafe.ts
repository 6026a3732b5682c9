import { isAbsolute, relative, sep } from "node:path";
import type { Host } from "../base/host.ts";
import type { Container } from "./container.ts";

/** Capabilities by which a process inside becomes root outside. */
const POWERS = new Set([
  "ALL",
  "BPF",
  "DAC_READ_SEARCH",
  "MKNOD",
  "NET_ADMIN",
  "PERFMON",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_MODULE",
  "SYS_PTRACE",
  "SYS_RAWIO",
  "SYSLOG",
]);

/** File systems by which the kernel is asked and told. */
const KERNEL = ["/proc", "/sys", "/dev"];

/** What of a container's settings would give it the host, each as what is asked for; its mounts are not looked at. */
export function unsafeSettings({ privileged, share, network, capabilities }: Container): readonly string[] {
  return [
    ...(privileged ? ["privileged mode"] : []),
    ...share.map((name) => `the host's ${name} namespace`),
    ...(network === "host" ? ["the host's network"] : []),
    ...(network.includes(":") ? ["the network of another container"] : []),
    ...capabilities.filter((name) => POWERS.has(name)).map((name) => `the capability ${name}`),
  ];
}

/** Why a container that sees a path of the host (a real one) would have the host; undefined: it would not. */
export function unsafePath(path: string, host: Host): string | undefined {
  if (path === "/") return "the whole file system of the host";
  const socket = socketsOf(host).find((each) => holds(path, each));
  if (socket !== undefined || /\b(docker|podman|containerd|crio)\.sock$/.test(path)) return "the engine's socket";
  return KERNEL.some((top) => holds(top, path)) ? "the kernel's own files" : undefined;
}

/** Whether a path is a folder, or lies below it. */
export function holds(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function socketsOf({ env, home }: Host): readonly string[] {
  const own = env["DOCKER_HOST"]?.replace(/^unix:\/\//, "") ?? "";
  const runtime = env["XDG_RUNTIME_DIR"] ?? "/run/user";
  const places = ["/run", "/var/run", runtime].flatMap((place) => [
    `${place}/docker.sock`,
    `${place}/podman/podman.sock`,
    `${place}/containerd/containerd.sock`,
  ]);
  return [...places, `${home}/.docker/run/docker.sock`, own].filter((path) => isAbsolute(path));
}
