import { readlinkSync } from "node:fs";
import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Host } from "../base/host.ts";
import { log } from "../base/log.ts";
import { refuse } from "../base/refusal.ts";
import { lookUp } from "../command/lookup.ts";
import type { Ability, CgroupHomes, Enforcement } from "./ability.ts";
import { makeCgroups, removeCgroups } from "./cgroup.ts";
import { NO_CGROUPS, findCgroups, planCgroups } from "./cgroup-home.ts";
import { STARTER } from "./start-fault.ts";
import { isExhausted, system } from "./system.ts";

const PATIENCE_MS = 3000;
const found = new WeakMap<Host, Promise<Ability>>();

/** What a host can do; tried once, which takes some milliseconds. Rejects with a refusal when it cannot be tried now. */
export function abilityOf(host: Host): Promise<Ability> {
  const known = found.get(host);
  if (known) return known;
  const ability = probe(host).catch((error: unknown) => {
    // What was found while nothing could be started would hold for good.
    found.delete(host);
    if (!isExhausted(error)) throw error;
    throw refuse("resource.exhausted", `what this host can do cannot be tried now: ${String(error)}; try again`);
  });
  found.set(host, ability);
  return ability;
}

async function probe(host: Host): Promise<Ability> {
  // Node makes its threads for files at the first such request, and aborts where it cannot: now there is room for them.
  await access("/");
  if (host.platform !== "linux") return { ...NOTHING, limits: { ...NOTHING.limits, ...EVERYWHERE } };
  const tries = [findWrapper(host), tryCgroups(host), dumpsCoreStill(host)] as const;
  // Also where one fails: the next try would meet the others.
  await Promise.allSettled(tries);
  const [wrapper, cgroups, dumpsCore] = await Promise.all(tries);
  const isCounted = wrapper?.hasUsers === true;
  return {
    containment: wrapper?.name ?? (cgroups.whole ? "cgroup" : "group"),
    wrapper: wrapper?.argv ?? [],
    cgroups,
    dumpsCore,
    limits: {
      ...EVERYWHERE,
      memory: cgroups.memory ? "cgroup" : "rlimit",
      cpu: cgroups.cpu ? "cgroup" : null,
      processes: cgroups.processes ? "cgroup" : isCounted ? "rlimit" : null,
    },
  };
}

const EVERYWHERE = { open_files: "rlimit", file_size: "rlimit" } as const satisfies Record<string, Enforcement>;
const NOTHING: Ability = {
  containment: "group",
  wrapper: [],
  limits: { memory: null, cpu: null, processes: null, ...EVERYWHERE },
  cgroups: NO_CGROUPS,
  dumpsCore: true,
};

interface Wrapper {
  readonly name: "bwrap" | "unshare";
  readonly argv: readonly string[];
  /** Whether users are counted anew in it, so that a limit of processes is the command's own. */
  readonly hasUsers: boolean;
}

/** The command's own pid 1: it passes an exit code on, and says nothing itself. */
const FIRST = 'exec 3>&2 2>/dev/null; "$@" 2>&3 3>&-; exit $?';

async function findWrapper(host: Host): Promise<Wrapper | undefined> {
  const at = (name: string): readonly string[] => {
    const program = lookUp(name, host.path);
    return "path" in program ? [program.path] : [];
  };
  const [bwrap, setpriv, unshare, setsid] = [at("bwrap"), at("setpriv"), at("unshare"), at("setsid")];
  const mapped = process.getuid?.() === 0 ? [] : ["--user", "--map-current-user"];
  const shell = ["/bin/sh", "-c", FIRST, STARTER];
  const options = ["--pid", "--fork", "--kill-child", "--mount-proc", "--", ...setsid, ...shell];
  // In a session of its own `kill 0` and `kill -STOP 0` of the command do not reach what stands before it.
  const walls = ["--dev-bind", "/", "/", "--proc", "/proc", "--unshare-pid", "--new-session", "--die-with-parent"];
  // Its own first process outlives it for a moment: only another process 1 than ours would collect that.
  const first = process.pid === 1 ? ["--as-pid-1", "--", ...shell] : ["--"];
  const candidates = [
    [bwrap, "bwrap", [...walls, ...first]],
    [setpriv.length * setsid.length > 0 ? unshare : [], "unshare", [...mapped, ...options]],
  ] as const;
  for (const [[program], name, more] of candidates) {
    if (program === undefined) continue;
    const front = name === "unshare" ? [...setpriv, "--pdeathsig", "KILL", "--"] : [];
    const argv = [...front, program, ...more];
    const users = await answerOf([...argv, "/bin/sh", "-c", "[ $$ != 1 ] && readlink /proc/self/ns/user"]);
    if (users !== undefined) return { name, argv, hasUsers: users !== readlinkSync("/proc/self/ns/user") };
  }
  return undefined;
}

async function tryCgroups(host: Host): Promise<CgroupHomes> {
  const homes = readHomes(host);
  const plans = planCgroups(homes, { memory: 2 ** 40, cpu: 1, processes: 1000, whole: true }, "try");
  if (plans.length === 0) return homes;
  try {
    makeCgroups(plans);
    const joined = plans.map(({ path }) => `echo 0 > '${path}/cgroup.procs'`).join(" && ");
    return (await answerOf(["/bin/sh", "-c", joined])) === undefined ? NO_CGROUPS : homes;
  } catch (error) {
    if (isExhausted(error)) throw error;
    log.debug({ error }, "control groups cannot be used");
    return NO_CGROUPS;
  } finally {
    await removeCgroups(plans);
  }
}

function readHomes({ procSelf }: Host): CgroupHomes {
  const read = (name: string): string => system.readFileSync(join(procSelf, name), "latin1");
  try {
    return findCgroups(read("cgroup"), read("mountinfo"));
  } catch (error) {
    if (isExhausted(error)) throw error;
    return NO_CGROUPS;
  }
}

/** What our own process may not do, its children may not; so that costs nothing at a call. */
async function dumpsCoreStill(host: Host): Promise<boolean> {
  const prlimit = lookUp("prlimit", host.path);
  if (!("path" in prlimit)) return true;
  return (await answerOf([prlimit.path, "--pid", String(process.pid), "--core=0:0"])) === undefined;
}

/** What a program printed; undefined when it failed, or did not end in time. Rejects when the system cannot start it now. */
function answerOf([program = "", ...args]: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let printed = "";
    const child = system.spawn(program, args, {
      cwd: "/",
      env: {},
      stdio: ["ignore", "pipe", "ignore"],
      timeout: PATIENCE_MS,
    });
    child.once("error", (error) => (isExhausted(error) ? reject(error) : resolve(undefined)));
    // There is no pipe when the system had no handle left for it.
    child.stdout?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    child.once("close", (code) => resolve(code === 0 ? printed.trim() : undefined));
  });
}
