import { isAbsolute, join } from "node:path";
import type { Host } from "../base/host.ts";
import type { Container } from "./container.ts";
import { isInside, realPath } from "./path.ts";

/** Capabilities that reach no further than the container and what is mounted into it; all others are asked for by `allow_unsafe`. */
const HARMLESS = [
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE NET_BIND_SERVICE NET_BROADCAST NET_RAW",
  "SETFCAP SETGID SETPCAP SETUID SYS_CHROOT",
].flatMap((line) => line.split(" "));

const POWERFUL = [
  "ALL AUDIT_CONTROL AUDIT_READ BLOCK_SUSPEND BPF CHECKPOINT_RESTORE DAC_READ_SEARCH LINUX_IMMUTABLE MAC_ADMIN",
  "MAC_OVERRIDE MKNOD NET_ADMIN PERFMON SYSLOG SYS_ADMIN SYS_BOOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO",
  "SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM",
].flatMap((line) => line.split(" "));

/** Every capability of Linux (capabilities(7)), and `ALL`. */
export const CAPABILITIES: ReadonlySet<string> = new Set([...HARMLESS, ...POWERFUL]);

export interface Unsafe {
  readonly key: "privileged" | "share" | "network" | "capabilities";
  /** Of a list: its item. */
  readonly item: string;
  readonly what: string;
}

/** What of a container's settings would give it the host, each as what is asked for; its mounts are not looked at. */
export function unsafeSettings({ privileged, share, network, capabilities }: Container): readonly Unsafe[] {
  const powers = capabilities.filter((name) => POWERFUL.includes(name));
  const found = (key: Unsafe["key"], what: string, item = ""): Unsafe => ({ key, what, item });
  return [
    ...(privileged ? [found("privileged", "privileged mode")] : []),
    ...share.map((name) => found("share", `the host's ${name} namespace`, name)),
    ...(network === "host" ? [found("network", "the host's network")] : []),
    ...(network.includes(":") ? [found("network", "the network of another container")] : []),
    ...powers.map((name) => found("capabilities", `the capability ${name}`, name)),
  ];
}

/** File systems by which the kernel is asked and told. */
const KERNEL = ["/proc", "/sys", "/dev"];

/** Where services of the host listen. */
const SERVICES = ["/run", "/var/run"];

/** Disks that users put in are mounted there. */
const DISKS = "/run/media";

/** Where engines keep the files of all containers; below the home folder: of rootless ones. */
const ENGINES = ["/var/lib/docker", "/var/lib/containerd", "/var/lib/containers", "/var/lib/kubelet"];
const OWN_ENGINES = [".local/share/docker", ".local/share/containers"];

/** What the host runs or obeys by itself, which whoever may write it takes over; below the home folder: for its user. */
const OBEYED = [
  "/etc /boot /bin /sbin /lib /lib32 /lib64 /usr/bin /usr/sbin /usr/lib /usr/lib32 /usr/lib64 /usr/libexec",
  "/usr/local/bin /usr/local/sbin /usr/local/lib /usr/local/etc /var/spool/cron /var/lib/systemd",
].flatMap((line) => line.split(" "));
const OWN_OBEYED = [
  ".ssh .bashrc .bash_profile .bash_login .profile .zshrc .zshenv .zprofile .local/bin bin .gitconfig .docker",
  ".config/autostart .config/systemd .config/fish .config/git",
].flatMap((line) => line.split(" "));

export interface Sight {
  /** A real path of the host. */
  readonly path: string;
  readonly readOnly: boolean;
}

export interface Surroundings {
  readonly host: Host;
  /** The addresses of the engines that would run it. */
  readonly engines: readonly string[];
}

/** What a container that sees a path would have of the host, which no container should; undefined: nothing like that. */
export function unsafePath({ path, readOnly }: Sight, { host, engines }: Surroundings): string | undefined {
  const below = (names: readonly string[]): readonly string[] => names.map((name) => join(host.home, name));
  const isOneOf = (places: readonly string[]): boolean =>
    places.some((place) => isInside(place, path) || isInside(path, place));
  if (path === "/") return "the whole file system of the host";
  if (isInside(path, host.home)) return "the whole home folder, with its keys and what runs at the next login";
  if (isSocket(path) || socketsOf(host, engines).some((each) => isInside(path, each))) return "the engine's socket";
  if (KERNEL.some((top) => isInside(top, path))) return "the kernel's own files";
  if (SERVICES.some((top) => isInside(top, path)) && !isInside(DISKS, path))
    return "the sockets of the host's services";
  if (isOneOf([...ENGINES, ...below(OWN_ENGINES)])) return "the files of all containers";
  return !readOnly && isOneOf([...OBEYED, ...below(OWN_OBEYED)])
    ? "what the host itself runs and obeys, to be changed"
    : undefined;
}

/** Podman reads a mount as one line of `key=value`, parted by commas (its `addField`), so that a path with one adds options. */
export function looksLikeOptions(path: string): boolean {
  return /[,"\p{Cc}]/u.test(path);
}

/** Also where nobody would look for one. */
function isSocket(path: string): boolean {
  return /\b(?:docker|podman|containerd|crio|buildkitd)\.sock$/.test(path);
}

function socketsOf({ env, home }: Host, engines: readonly string[]): readonly string[] {
  const named = [env["DOCKER_HOST"] ?? "", env["CONTAINER_HOST"] ?? "", ...engines]
    .filter((address) => address.startsWith("unix://"))
    .map((address) => address.slice("unix://".length));
  const usual = ["/run", "/var/run", env["XDG_RUNTIME_DIR"] ?? "/run/user"].map((place) => `${place}/docker.sock`);
  const own = [".docker/run", ".docker/desktop", ".colima/default", ".orbstack/run", ".rd"];
  const all = [...usual, ...own.map((place) => join(home, place, "docker.sock")), ...named].filter((path) =>
    isAbsolute(path),
  );
  return all.flatMap((path) => [path, realPath(path) ?? path]);
}
