import { join } from "node:path";
import type { LimitName } from "./ability.ts";
import type { LocalPlan } from "./local-plan.ts";
import { STARTER } from "./start-fault.ts";

/** Joins the groups named before `--`, lowers its own limits, and becomes the program. */
const JOIN = `while [ "$1" != -- ]; do echo 0 > "$1" || exit 125; shift; done; shift`;

/** How each limit is lowered by `ulimit` (POSIX, and the letters that dash, bash and busybox add); it stays where it is lower already. */
const ULIMIT: Readonly<Partial<Record<LimitName, (value: number) => string>>> = {
  memory: (bytes) => `ulimit -v ${Math.floor(bytes / 1024)}`,
  // One more, for the process that stands first in the namespace.
  processes: (count) => `{ ulimit -u ${count + 1} 2>/dev/null || ulimit -p ${count + 1}; }`,
  open_files: (count) => `ulimit -n ${count}`,
  file_size: (bytes) => `ulimit -f ${Math.ceil(bytes / 512)}`,
};

/** The argv that starts a plan's program with its limits, in its groups and its namespace. */
export function launch(
  { wrapper, limits, cgroups, dumpsCore, argv }: LocalPlan,
  program: string,
): readonly [string, ...string[]] {
  const lines = limits.flatMap(({ name, value, by }) => (by === "rlimit" ? (ULIMIT[name]?.(value) ?? []) : []));
  const lowered = [...lines, ...(dumpsCore ? ["ulimit -c 0"] : [])].map((line) => `${line} 2>/dev/null`);
  const inner = [program, ...argv.slice(1)];
  const limited =
    lowered.length + cgroups.length === 0
      ? inner
      : [
          "/bin/sh",
          "-c",
          [JOIN, ...lowered, 'exec "$@"'].join("; "),
          STARTER,
          ...cgroups.map(({ path }) => join(path, "cgroup.procs")),
          "--",
          ...inner,
        ];
  return [...wrapper, ...limited] as [string, ...string[]];
}
