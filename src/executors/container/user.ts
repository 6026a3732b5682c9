import { posix } from "node:path";
import { refuse } from "../../base/refusal.ts";
import type { Daemon } from "../../containers/daemon.ts";
import type { ImageFacts } from "../../containers/facts.ts";
import { EngineFault } from "../../containers/fault.ts";
import { create } from "./create.ts";
import type { Janitor } from "./janitor.ts";
import type { ContainerPlan } from "./plan.ts";
import { probeOf } from "./spec.ts";

interface Place {
  readonly image: ImageFacts;
  /** The container that we run in ourselves. */
  readonly home: string | null;
  readonly daemon: Daemon;
  readonly janitor: Janitor;
}

/**
 * The user that a container runs as, which is not root unless that is allowed. A name becomes its number, so that it is this one
 * and no other that the engine takes.
 */
export async function userOf(plan: ContainerPlan, place: Place): Promise<string> {
  const user = plan.user ?? place.image.user;
  if (plan.allowRoot) return user;
  const [name = "", ...group] = user.split(":");
  // So do engines: what looks like a number never is a name.
  const isNumber = /^[+-]?\d+$/.test(name);
  if (isNumber && Number(name) !== 0) return user;
  const uid = isNumber ? 0 : await uidOf(name, plan, place);
  if (uid === undefined)
    throw refuse(
      "engine.refused",
      `the image ${plan.image} has no user ${JSON.stringify(name)} in its /etc/passwd; set \`user\` to one that it has, or to a number`,
    );
  if (uid !== 0) return [uid, ...group].join(":");
  if (plan.user === null) return plan.unprivileged;
  throw refuse(
    "engine.refused",
    `the user ${JSON.stringify(name)} is root in the image ${plan.image}, or may be; set \`user\` to another one, or \`allow_root: true\``,
  );
}

/** Undefined: the image has no user of this name. What is not known is taken for root. */
async function uidOf(name: string, plan: ContainerPlan, place: Place): Promise<number | undefined> {
  if (name === "" || name === "root") return 0;
  const users = await usersOf(plan, place);
  return users === UNKNOWN ? 0 : users.get(name);
}

/** The number behind each name. */
type Users = ReadonlyMap<string, number>;

/** Of an image whose /etc/passwd cannot be read. */
const UNKNOWN = null;

const MOST_IMAGES = 64;
const known = new WeakMap<Daemon, Map<string, Promise<Users | typeof UNKNOWN>>>();

/** Asked once for an image, by all calls together. */
function usersOf(plan: ContainerPlan, place: Place): Promise<Users | typeof UNKNOWN> {
  const { daemon, image } = place;
  const ofDaemon = known.get(daemon) ?? new Map<string, Promise<Users | typeof UNKNOWN>>();
  known.set(daemon, ofDaemon);
  const asked = ofDaemon.get(image.id) ?? readUsers(plan, place);
  // The one that was used last stands last.
  ofDaemon.delete(image.id);
  ofDaemon.set(image.id, asked);
  for (const [id] of ofDaemon) if (ofDaemon.size > MOST_IMAGES) ofDaemon.delete(id);
  const forget = (): void => {
    if (ofDaemon.get(image.id) === asked) ofDaemon.delete(image.id);
  };
  asked.then((users) => users === UNKNOWN && forget(), forget);
  return asked;
}

/** By a container that is never started: engines show the files of no image. */
async function readUsers(
  plan: ContainerPlan,
  { image, home, daemon, janitor }: Place,
): Promise<Users | typeof UNKNOWN> {
  const id = await create(plan, probeOf(plan, { image, home }), { daemon, janitor });
  try {
    const text = await passwdOf(daemon, id);
    return text === UNKNOWN ? UNKNOWN : usersIn(text);
  } finally {
    void janitor.remove(daemon, id);
  }
}

const PASSWD = "/etc/passwd";

/** Behind one link at most; an image that has none has no names. */
async function passwdOf(daemon: Daemon, id: string): Promise<string | typeof UNKNOWN> {
  try {
    const first = await daemon.file(id, PASSWD);
    const found = first?.kind === "link" ? await daemon.file(id, posix.resolve("/etc", first.target)) : first;
    if (found === null) return "";
    return found.kind === "file" ? found.bytes.toString() : UNKNOWN;
  } catch (error) {
    if (error instanceof EngineFault && error.kind === "denied") return UNKNOWN;
    throw error;
  }
}

const MOST_UID = 2 ** 31 - 1;

/**
 * Of several lines of one name the first counts, unless another one is root's. Engines read a number that is none as 0, and so does
 * this (moby/sys/user, `parseParts`).
 */
export function usersIn(passwd: string): Users {
  const users = new Map<string, number>();
  for (const line of passwd.split("\n")) {
    const [name = "", , number = ""] = line.replace(/^[\s\u0085]+|[\s\u0085]+$/g, "").split(":");
    const uid = /^\+?\d+$/.test(number) && Number(number) <= MOST_UID ? Number(number) : 0;
    users.set(name, uid === 0 ? 0 : (users.get(name) ?? uid));
  }
  return users;
}
