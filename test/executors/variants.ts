// Every way in which this machine may hold local commands, each forced by hiding what is better from mcpfier.
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Host } from "../../src/base/host.ts";
import { lookUp } from "../../src/command/lookup.ts";
import type { Ability, ContainmentName } from "../../src/executors/ability.ts";
import { abilityOf } from "../../src/executors/probe.ts";
import type { Outcome } from "../../src/pipeline/call.ts";
import { PACKAGE, atEnd, engineOf, host as ownHost } from "../rig.ts";
import type { Caller, Variant } from "./contract.ts";

const PROGRAMS = [
  ..."sh bash perl python3 setsid env sleep head tail cat touch true false dd id pwd yes prlimit seq".split(" "),
  ..."bwrap setpriv unshare".split(" "),
];
const PLACES = ["/usr/local/bin", "/usr/bin", "/bin"];

const rooms: string[] = [];

function room(): string {
  const path = mkdtempSync(join(tmpdir(), "mcpfier-test-"));
  chmodSync(path, 0o755);
  rooms.push(path);
  return path;
}

/** Removes what the variants made; called when all tests have run. */
export function removeRooms(): void {
  for (const path of rooms.splice(0)) rmSync(path, { recursive: true, force: true });
}

/** Where a program is; its name where it is not. */
export function placeOf(name: string): string {
  const found = lookUp(name, ownHost.path);
  return "path" in found ? found.path : name;
}

/** A folder for PATH that lacks some programs. */
export function pathWithout(hidden: readonly string[]): string {
  const path = room();
  for (const name of PROGRAMS.filter((each) => !hidden.includes(each))) {
    const place = PLACES.map((each) => join(each, name)).find((each) => existsSync(each));
    if (place !== undefined) symlinkSync(place, join(path, name));
  }
  return path;
}

/** Which programs and which hierarchies of control groups are hidden, for each way. */
export const HIDDEN = {
  bwrap: { programs: [], groups: /(?!)/ },
  unshare: { programs: ["bwrap"], groups: /(?!)/ },
  "cgroup v2": { programs: ["bwrap", "setpriv", "unshare"], groups: /(?!)/ },
  "cgroup v1": { programs: ["bwrap", "setpriv", "unshare"], groups: / - cgroup2 / },
  group: { programs: ["bwrap", "setpriv", "unshare"], groups: / - cgroup2? / },
} as const;

/** A host on which that is hidden. */
export function hostFor({ programs, groups }: (typeof HIDDEN)[keyof typeof HIDDEN]): Host {
  const procSelf = room();
  const mounts = readFileSync("/proc/self/mountinfo", "latin1").split("\n");
  writeFileSync(join(procSelf, "mountinfo"), mounts.filter((line) => !groups.test(line)).join("\n"));
  writeFileSync(join(procSelf, "cgroup"), readFileSync("/proc/self/cgroup"));
  return { ...ownHost, path: pathWithout(programs), procSelf };
}

/** The ways in this process. */
export async function ownVariants(): Promise<readonly Variant[]> {
  const variants: Variant[] = [];
  // One after the other: the tries of one process have the same name.
  for (const name of Object.keys(HIDDEN) as (keyof typeof HIDDEN)[])
    variants.push(await ownVariant(name, hostFor(HIDDEN[name])));
  return variants;
}

export async function ownVariant(name: string, host: Host): Promise<Variant> {
  const ability = await abilityOf(host);
  return {
    name: `local-${name}`,
    missing: faultOf(name, ability),
    isDirect: true,
    promises: promisesOf(ability),
    engine: (commands, where) => engineOf(catalogueOf(commands), { host, folder: where }),
  };
}

function faultOf(name: string, { containment, cgroups }: Ability): string {
  const found = containment === "cgroup" ? `cgroup v${cgroups.whole?.version}` : containment;
  return found === name ? "" : `this machine gave ${found} instead`;
}

function promisesOf({ containment, limits }: Pick<Ability, "containment" | "limits">): Variant["promises"] {
  return { killsAll: containment !== "group", limits, tells: { memory: true, processes: true } };
}

export function catalogueOf(commands: Readonly<Record<string, object>>): string {
  return JSON.stringify({
    commands: Object.entries(commands).map(([name, words]) => Object.assign({ name, description: "d" }, words)),
  });
}

const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];

/** The published program in the hands of a user without rights: each call is a \`mcpfier run --json\`. */
export async function nobodyVariant(containment: "bwrap" | "unshare" | "group"): Promise<Variant> {
  const name = `local-${containment} as a user who is not root`;
  const isRoot = process.getuid?.() === 0 && spawnSync(placeOf("setpriv"), ["--version"]).status === 0;
  if (!isRoot) {
    const promises = promisesOf({ containment: "group", limits: (await abilityOf(ownHost)).limits });
    return { name, missing: "all others ran as such a one", isDirect: false, promises, engine: () => Promise.reject() };
  }
  const installed = installForAll();
  const path = pathWithout(HIDDEN[containment].programs);
  const ability = abilityFor(installed, path);
  return {
    name,
    missing: ability.containment === containment ? "" : `this machine gave ${ability.containment} instead`,
    isDirect: false,
    promises: promisesOf(ability),
    engine: (commands, where) => {
      chmodSync(where, 0o777);
      writeFileSync(join(where, "mcpfier.yaml"), catalogueOf(commands), { mode: 0o644 });
      return Promise.resolve(nobody(installed, path, where));
    },
  };
}

/** A copy of the program that everybody can read, and of Node where that is needed. */
export function installForAll(): readonly [node: string, bin: string, home: string] {
  const path = room();
  cpSync(PACKAGE, join(path, "mcpfier"), { recursive: true });
  const home = join(path, "home");
  mkdirSync(home);
  chmodSync(home, 0o777);
  const canRun = spawnSync(placeOf("setpriv"), [...NOBODY.slice(1), process.execPath, "--version"]).status === 0;
  const node = canRun ? process.execPath : join(path, "node");
  if (!canRun) copyFileSync(process.execPath, node);
  return [node, join(path, "mcpfier/dist/mcpfier.mjs"), home];
}

type Installed = ReturnType<typeof installForAll>;

function environment(home: string, path: string): NodeJS.ProcessEnv {
  return { PATH: path, HOME: home, LANG: "C.UTF-8" };
}

/** What `mcpfier doctor` tells such a user. */
function abilityFor([node, bin, home]: Installed, path: string): Pick<Ability, "containment" | "limits"> {
  const told = spawnSync(placeOf("setpriv"), [...NOBODY.slice(1), node, bin, "doctor", "--json"], {
    cwd: home,
    env: environment(home, path),
    encoding: "utf8",
  });
  const findings = JSON.parse(told.stdout) as readonly { readonly name: string; readonly text: string }[];
  const textOf = (what: string): string => findings.find((each) => each.name === what)?.text ?? "";
  const by = (limit: string): "cgroup" | "rlimit" | null =>
    (/by an? (cgroup|rlimit)/.exec(textOf(`limits.${limit}`))?.[1] as "cgroup" | "rlimit" | null) ?? null;
  return {
    containment: textOf("isolation").split(":")[0] as ContainmentName,
    limits: {
      memory: by("memory"),
      cpu: by("cpu"),
      processes: by("processes"),
      open_files: by("open_files"),
      file_size: by("file_size"),
    },
  };
}

function nobody([node, bin, home]: Installed, path: string, where: string): Caller {
  const running = new Set<() => Promise<unknown>>();
  const close = async (): Promise<void> => {
    await Promise.all([...running].map((stop) => stop()));
  };
  atEnd(close);
  return {
    call: async ({ tool, arguments: args, signal, dryRun }) => {
      const words = [
        "-c",
        join(where, "mcpfier.yaml"),
        "run",
        tool,
        "--json",
        ...(dryRun === true ? ["--dry-run"] : []),
      ];
      const child = spawn(
        placeOf("setpriv"),
        [...NOBODY.slice(1), node, bin, ...words, "--args", JSON.stringify(args)],
        {
          cwd: where,
          env: environment(home, path),
          stdio: ["ignore", "pipe", "pipe"],
        },
      );
      let [printed, complaint] = ["", ""];
      child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
      const end = new Promise((resolve) => child.once("close", resolve));
      const stop = (): Promise<unknown> => {
        child.kill("SIGTERM");
        return end;
      };
      running.add(stop);
      signal?.addEventListener("abort", () => void stop());
      await end;
      running.delete(stop);
      if (!printed.startsWith("{")) throw new Error(`no outcome of ${tool}: ${complaint}`);
      return outcomeOf(JSON.parse(printed) as Told);
    },
    close,
  };
}

interface Told {
  readonly outcome: string;
  readonly id: string;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** As much of an outcome as the command line tells. */
function outcomeOf({ outcome, id, ...told }: Told): Outcome {
  const capture = (text = ""): object => ({
    head: Buffer.from(text),
    tail: Buffer.alloc(0),
    bytes: Buffer.byteLength(text),
  });
  const nothing = { signal: null, limit: null, exitCode: null };
  return {
    ...nothing,
    ...told,
    kind: outcome,
    callId: id,
    stdout: capture(told.stdout),
    stderr: capture(told.stderr),
  } as unknown as Outcome;
}
