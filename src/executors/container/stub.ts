import type { ImageFacts } from "../../containers/facts.ts";
import type { ContainerPlan } from "./plan.ts";

/**
 * What waits in a warm container: POSIX sh that needs nothing of its image but a shell (dash, busybox, bash). It reads our nonce, then a
 * call as lines, each told by its first character: `a` an argument, `d` the folder, `e` a variable, `+` a value that goes on in the
 * next line, `r` to say that it is ready, and `0` or `1` to go, where after `1` the rest is the program's stdin. Nothing is
 * evaluated or split. Where something fails before it is ready, it ends, and nothing has begun.
 *
 * It speaks in lines that begin with a byte and the nonce, which the program never sees. Some reasons:
 * - The program replaces a shell of its own, whose EXIT trap can then only mean that it could not be executed.
 * - A signal to the whole group must not end what waits for the program. Handlers, unlike ignored signals, are not passed on.
 * - Its own stderr goes nowhere: shells tell there of signals that ended programs.
 * - A busybox that has its programs inside itself would not look for them in PATH.
 * - The kernel's own counts tell at once of memory that ran out, which an engine tells when the container has ended, and of
 *   processes that could not be started, which it does not tell.
 */
export const STUB = `set -f
exec 3>&2 2>/dev/null
mcpf_t=
trap 'mcpf_t=1' TERM
trap : HUP INT QUIT USR1 USR2 ALRM
mcpf_e='
'
mcpf_b=
if (PATH=/dev/null; command -v ls) >/dev/null; then mcpf_b=1; fi
mcpf_say() { printf '\\001%s:%s\\n' "$mcpf_n" "$1"; }
mcpf_run() {
  exec 2>&3 3>&-
  trap 'mcpf_say "unstarted $?" >&2' EXIT
  case $mcpf_b:$1 in
  */*) ;;
  1:*)
    IFS=:
    for mcpf_d in $PATH; do
      if [ -f "$mcpf_d/$1" ] && [ -x "$mcpf_d/$1" ]; then
        mcpf_p=$mcpf_d/$1
        shift
        exec "$mcpf_p" "$@"
      fi
    done
    exit 127 ;;
  esac
  exec "$@"
}
IFS= read -r mcpf_n || exit
mcpf_say stands >&3
unset PWD OLDPWD SHLVL CDPATH _
mcpf_s=
mcpf_g=
while IFS= read -r mcpf_l; do
  case $mcpf_l in
  +*) mcpf_s=$mcpf_s\${mcpf_l#+}$mcpf_e ;;
  a*) set -- "$@" "$mcpf_s\${mcpf_l#a}"; mcpf_s= ;;
  d*) cd "$mcpf_s\${mcpf_l#d}" || exit; mcpf_s=; unset PWD OLDPWD ;;
  e*) export "$mcpf_s\${mcpf_l#e}"; mcpf_s= ;;
  r) mcpf_say ready >&3 ;;
  0 | 1) mcpf_g=$mcpf_l; break ;;
  *) exit ;;
  esac
done
[ -z "$mcpf_t" ] || exit 143
case $mcpf_g in
0) (mcpf_run "$@") </dev/null ;;
1) (mcpf_run "$@") ;;
*) exit ;;
esac
mcpf_c=$?
mcpf_o=
mcpf_m=
cd /sys/fs/cgroup
for mcpf_f in memory.events memory/memory.oom_control pids.events pids/pids.events; do
  if [ -r "$mcpf_f" ]; then
    while IFS=' ' read -r mcpf_k mcpf_x; do
      case $mcpf_f:$mcpf_k in
      *:oom_kill) mcpf_o=$mcpf_x ;;
      *pids.events:max) mcpf_m=$mcpf_x ;;
      esac
    done <"$mcpf_f"
  fi
done
mcpf_say ended
mcpf_say "ended $mcpf_c $mcpf_o $mcpf_m" >&3
exit "$mcpf_c"
`;

/** What it costs beside the program itself: its own process. */
export const STUB_PROCESSES = 1;

/** A shell reads some megabytes a second; beyond these a cold container is not much slower. */
const MOST_BYTES = 128 * 1024;
const MOST_LINES = 500;

/** The lines that tell a call, up to the question whether it is ready; null: it has to run cold. */
export function orderOf({ argv, env, cwd, files }: ContainerPlan): string | null {
  if (files.length > 0 || !env.every(({ name }) => isCarried(name))) return null;
  const order = [
    ...argv.map((text) => told("a", text)),
    ...(cwd === null ? [] : [told("d", cwd)]),
    // Last: some change how a shell reads.
    ...env.map(({ name, value }) => told("e", `${name}=${value}`)),
    "r\n",
  ].join("");
  const isShort = Buffer.byteLength(order) <= MOST_BYTES && order.split("\n").length <= MOST_LINES;
  return isShort ? order : null;
}

function told(kind: "a" | "d" | "e", value: string): string {
  const lines = value.split("\n");
  return lines.map((line, at) => `${at < lines.length - 1 ? "+" : kind}${line}\n`).join("");
}

/** Variables that shells fill, refuse or obey themselves. */
const OWN =
  /^(?:mcpf_.*|IFS|OPT(?:IND|ARG|ERR)|PPID|LINENO|S?RANDOM|SECONDS|EPOCH.*|E?UID|GROUPS|SHELLOPTS|BASH.*|FUNC(?:NAME|NEST)|DIRSTACK|PIPESTATUS|HIST.*|COMP_.*|SHLVL|_|PS[0-4]|ENV|POSIXLY_CORRECT)$/;

/** Whether a shell passes a variable of this name on as it is. */
function isCarried(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name) && !OWN.test(name);
}

/** Names of an image's variables that programs would not get. */
export function lostVariables({ env }: ImageFacts): readonly string[] {
  return env.map((variable) => variable.split("=", 1)[0] ?? "").filter((name) => !isCarried(name));
}
