import { join } from "node:path";
import { refuse } from "../../base/refusal.ts";
import type { PrivateFile } from "../../command/render.ts";
import type { Daemon } from "../../containers/daemon.ts";
import { privateFolder } from "../private-folder.ts";
import { system } from "../system.ts";
import { unready } from "../unready.ts";
import type { ContainerPlan } from "./plan.ts";
import type { PlannedMount } from "./sources.ts";

/**
 * Writes the private files of a call and says how the container gets them. Only the user inside may read them: they are its own
 * where we may give them away or are that user ourselves; else what keeps others out is the folder around, which it never sees.
 */
export async function mountFiles(
  { files, callId }: ContainerPlan,
  user: string,
  daemon: Daemon,
): Promise<readonly PlannedMount[]> {
  if (files.length === 0) return [];
  if (!daemon.isLocal)
    throw refuse(
      "mount.missing",
      `\`as: file\` needs an engine on this machine, and ${daemon.name} does not see its files`,
    );
  const { isRootless, isRemapped } = await daemon.info();
  const target = privateFolder(callId);
  const source = join(target, INSIDE);
  try {
    await writeFiles(files, target, source);
    const own = process.getuid?.();
    // Where users are mapped, the numbers inside are other ones outside.
    const owner = isRootless || isRemapped ? undefined : ownerOf(user);
    const paths = [source, ...files.map(({ path }) => join(source, path.slice(target.length)))];
    if (owner?.uid !== own) for (const path of paths) await openTo(path, own === 0 ? owner : undefined);
  } catch (error) {
    throw unready("the private file of an argument cannot be written", error);
  }
  // What a container could write there would stand on the host, beyond every limit.
  return [{ kind: "bind", source, target, readOnly: true }];
}

/** The folder that the container sees in the one that it does not. */
const INSIDE = "inside";

async function writeFiles(files: readonly PrivateFile[], target: string, source: string): Promise<void> {
  await system.mkdir(target, { mode: 0o700 });
  await system.mkdir(source, { mode: 0o700 });
  for (const { path, content } of files)
    await system.writeFile(join(source, path.slice(target.length)), content, { flag: "wx", mode: 0o600 });
}

/** Undefined where only the image knows the number behind a name. */
function ownerOf(user: string): { readonly uid: number; readonly gid: number } | undefined {
  const [, uid, gid] = /^(\d+)(?::(\d+))?$/.exec(user === "" || user === "root" ? "0:0" : user) ?? [];
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid ?? uid) };
}

/** To one user; without one to all who can reach it. */
async function openTo(path: string, owner: ReturnType<typeof ownerOf>): Promise<void> {
  if (owner) await system.chown(path, owner.uid, owner.gid);
  else await system.chmod(path, path.endsWith(`/${INSIDE}`) ? 0o755 : 0o644);
}
