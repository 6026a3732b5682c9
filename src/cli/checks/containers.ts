import type { Command } from "../../command/command.ts";
import { isExposed } from "../../containers/address.ts";
import type { DaemonInfo } from "../../containers/facts.ts";
import { type NeededEngine, enginesOf, reasonOf } from "../engines.ts";
import { type NeededImage, imagesOn } from "../needed-image.ts";
import { again } from "./again.ts";
import type { Check, Finding } from "./check.ts";
import { type Told, ours, told } from "./told.ts";

/** For how long an engine is waited for. */
const PATIENCE_MS = 1500;
const ASK = "start it, or say where it listens: `engine:` in the catalogue, or DOCKER_HOST";
const SECURE = "use TLS with client certificates (https://), or ssh://";

/** The engines of the catalogue's containers, and what they lack; where nothing needs one, the one that would be used. */
export const checkContainers: Check = async (context, found) => {
  const contained = (found?.loaded.catalogue?.commands ?? []).filter(({ container }) => container !== null);
  const engines = await enginesOf(contained, context.host);
  const looks = await Promise.all(engines.map(look));
  return [looks.flatMap((one) => tell(one, looks, again(context, "images"))), engines.flatMap(tellWay)].flat();
};

/** What an engine told in time; `info` is null when it did not, for the reason of `fault`. */
interface Look {
  readonly engine: NeededEngine;
  readonly info: DaemonInfo | null;
  readonly fault: string;
  /** null: there was no time to tell. */
  readonly images: readonly NeededImage[] | null;
}

async function look(engine: NeededEngine): Promise<Look> {
  const { name, daemon, fault } = engine;
  if (!daemon) return { engine, info: null, fault, images: [] };
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(late.resolve, PATIENCE_MS, null);
  try {
    const info = await Promise.race([daemon.info(), late.promise]);
    const silence = info ? "" : `the engine ${name} did not answer within ${PATIENCE_MS / 1000} s`;
    const images = info && (await Promise.race([imagesOn(engine), late.promise]));
    return { engine, info, fault: silence, images };
  } catch (error) {
    return { engine, info: null, fault: reasonOf(error), images: [] };
  } finally {
    clearTimeout(timer);
    daemon.close();
  }
}

function tell({ engine, info, fault, images }: Look, all: readonly Look[], listing: string): readonly Finding[] {
  const { name, from, commands } = engine;
  const isNeeded = commands.length > 0;
  const unneeded = isNeeded ? told`` : told`no command needs an engine; `;
  if (!info) {
    const status = !isNeeded ? "fine" : commands.some((each) => isStranded(each, all)) ? "error" : "warning";
    const which = fault.includes(name) ? told`${fault} (${from})` : told`${fault}`;
    return [finding(status, told`${unneeded}${which}`, isNeeded ? ASK : "")];
  }
  const { weak, mend } = weakness(commands, info);
  const facts = told`${name} (${from}): ${describe(info)}`;
  return [
    finding(mend === "" ? "fine" : "warning", told`${unneeded}${facts}${weak}`, mend),
    ...(isNeeded ? tellImages(name, images, listing) : []),
  ];
}

/** `listing` tells of them with more patience. */
function tellImages(name: string, images: Look["images"], listing: string): readonly Finding[] {
  const unasked = images
    ? images.find(({ state }) => state === "unknown")?.problem
    : `not within ${PATIENCE_MS / 1000} s`;
  return [
    ...(images ?? []).flatMap(({ image, state, problem }) =>
      state === "missing" && problem !== null ? [finding("warning", told`${name} has no image ${image}`, problem)] : [],
    ),
    ...(unasked ? [finding("warning", told`${name} did not tell which images it has: ${unasked}`, listing)] : []),
  ];
}

/** Secrets of calls pass there, and who can speak to an engine is root on its machine. */
function tellWay({ name, from, daemon, commands }: NeededEngine): readonly Finding[] {
  if (!daemon || commands.length === 0 || !isExposed(daemon.address)) return [];
  return [
    finding(
      "warning",
      told`${name} (${from}) is spoken to over the network without TLS, for everybody to read and to use`,
      SECURE,
    ),
  ];
}

function finding(status: Finding["status"], text: Told, mend: string): Finding {
  return { status, name: "containers", text, mend };
}

/** Whether none of the engines that may run a command answers. */
function isStranded(command: Command, all: readonly Look[]): boolean {
  return !all.some(({ engine, info }) => info !== null && engine.commands.includes(command));
}

function describe({ isPodman, isRootless, name, version, cgroupVersion, ...info }: DaemonInfo): Told {
  const limits = LIMITS.filter(([, word]) => info[word]).map(([limit]) => limit);
  const can = limits.length === 0 ? told`enforces no limits` : told`enforces limits of ${ours(limits.join(", "))}`;
  const cgroups = cgroupVersion === "" ? told`` : told`cgroups v${ours(cgroupVersion)}, `;
  return told`${ours(isPodman ? "Podman" : "Docker")} ${ours(version)} on ${name}, ${ours(isRootless ? "rootless" : "as root")}, ${cgroups}${can}`;
}

const LIMITS = [
  ["memory", "memory"],
  ["cpu", "cpu"],
  ["processes", "pids"],
] as const;

/** What commands ask for and the engine would ignore. */
function weakness(commands: readonly Command[], info: DaemonInfo): { readonly weak: Told; readonly mend: string } {
  const parts = LIMITS.flatMap(([limit, word]) => {
    const asking = info[word] ? [] : commands.filter(({ limits }) => limits[limit] !== null);
    return asking.length === 0 ? [] : [`limits.${limit} of ${asking.map(({ name }) => name).join(", ")}`];
  });
  if (parts.length === 0) return { weak: told``, mend: "" };
  return {
    weak: told`; it cannot enforce ${ours(parts.join(" and "))}, which are refused there`,
    mend: "run the engine as root, or where cgroups of version 2 are delegated to its user, or remove the limits",
  };
}
