import { delimiter, isAbsolute } from "node:path";
import type { Host } from "../base/host.ts";
import { isSecretName } from "../base/secret.ts";
import type { Environment } from "./command.ts";

/** One variable of a command, and who decided its value. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly from: "host" | "file" | "argument" | "mcpfier";
}

const PASSED_ON = ["HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_*", "TZ", "TERM", "TMPDIR"];
const PASSED_ON_WINDOWS = [
  "APPDATA",
  "COMSPEC",
  "HOMEDRIVE",
  "HOMEPATH",
  "LOCALAPPDATA",
  "PATHEXT",
  "PROGRAMDATA",
  "PROGRAMFILES",
  "SYSTEMDRIVE",
  "SYSTEMROOT",
  "TEMP",
  "TMP",
  "USERNAME",
  "USERPROFILE",
  "WINDIR",
];

/** Variables that decide which code runs. A parameter never fills one, and `inherit` never passes them on by `*`. */
const DECIDING = new RegExp(
  `^(?:${[
    "PATH|IFS|ENV|BASH_ENV|BASH_FUNC_.*|SHELLOPTS|BASHOPTS|PS4|PROMPT_COMMAND|CDPATH|ZDOTDIR|FPATH",
    "LD_.*|DYLD_.*|GLIBC_TUNABLES|GCONV_PATH|OPENSSL_CONF|OPENSSL_ENGINES|OPENSSL_MODULES",
    "NODE_OPTIONS|NODE_PATH|PYTHON(?:STARTUP|PATH|HOME|INSPECT|BREAKPOINT|WARNINGS|USERBASE)|PERL5?(?:OPT|LIB|DB)",
    "RUBY(?:OPT|LIB)|GEM_(?:PATH|HOME)|BUNDLE_.*|LUA_(?:INIT.*|PATH.*|CPATH.*)|PHPRC|PHP_INI_SCAN_DIR",
    "JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|CLASSPATH|MAVEN_OPTS|GRADLE_OPTS|DOTNET_STARTUP_HOOKS",
    "GOFLAGS|RUSTFLAGS|RUSTC_WRAPPER|RUSTC_WORKSPACE_WRAPPER|MAKEFLAGS|TAR_OPTIONS|RSYNC_RSH|CVS_RSH",
    "GIT_(?:SSH|SSH_COMMAND|EXTERNAL_DIFF|PAGER|EDITOR|SEQUENCE_EDITOR|ASKPASS|PROXY_COMMAND|EXEC_PATH|CONFIG.*|TEMPLATE_DIR)",
    "KUBECTL_EXTERNAL_DIFF|RIPGREP_CONFIG_PATH|PAGER|MANPAGER|LESSOPEN|LESSCLOSE|EDITOR|VISUAL|VIMINIT|BROWSER",
    "SSH_ASKPASS|SUDO_ASKPASS",
  ].join("|")})$`,
);

/** Names files that programs take orders from; a parameter does not fill these either, though a command may inherit them. */
const STEERING = new RegExp(
  `^(?:${[
    "HOME|SHELL|XDG_.*|.*_HOME|GIT_(?!(?:AUTHOR|COMMITTER)_).*|KUBECONFIG|(?:AWS|PIP)_CONFIG_FILE|npm_config_.*|NPM_CONFIG_.*",
    "(?:PSQL|WGET|CURL|INPUT|NET|SCREEN)RC|R_(?:PROFILE|ENVIRON).*|LESSKEY.*|EXINIT|SUDO_EDITOR|PERL5SHELL",
    "ERL_.*|COR(?:ECLR)?_.*|CARGO_.*|GTK_.*|QT_PLUGIN_PATH",
  ].join("|")})$`,
);

/** Whether a variable may hold what a caller gives: not where it decides which code runs, or where a program finds its orders. */
export function mayHoldArgument(name: string): boolean {
  return !decidesWhatRuns(name) && !STEERING.test(name);
}

function decidesWhatRuns(name: string): boolean {
  return DECIDING.test(name);
}

/** What a command gets of the host's environment: an allowlist, what `inherit` names, and PATH. Never an `arg_*`. */
export function inheritedVariables(environment: Environment, host: Host, path: string): readonly Variable[] {
  const known = inherited.get(environment);
  if (known?.host === host && known.path === path) return known.variables;
  const variables = inheritOnce(environment, host, path);
  inherited.set(environment, { host, path, variables });
  return variables;
}

/** What describes this very host, and means nothing elsewhere. */
const OF_THE_HOST = new RegExp(
  `^(?:${PASSED_ON.map((name) => name.replace("*", ".*")).join("|")}|PATH|PWD|OLDPWD|SHLVL|HOSTNAME|XDG_.*|_)$`,
);

/** What a command elsewhere gets of the host's environment: what `inherit` names; with `all`, nothing that describes this host. */
export function chosenVariables({ inherit }: Environment, host: Host): readonly Variable[] {
  const matchers = inherit === "all" ? [] : inherit.map(matcher);
  return Object.entries(host.env).flatMap(([name, value]): readonly Variable[] => {
    if (value === undefined || name.startsWith("arg_") || !isPassable(name, host)) return [];
    const isChosen =
      inherit === "all"
        ? !OF_THE_HOST.test(name) && !decidesWhatRuns(name)
        : inherit.includes(name) || (matchers.some((matches) => matches.test(name)) && !decidesWhatRuns(name));
    return isChosen ? [{ name, value, from: "host" }] : [];
  });
}

/** The host's environment is read once, so what a command inherits never changes. */
const inherited = new WeakMap<Environment, { host: Host; path: string; variables: readonly Variable[] }>();

function inheritOnce(environment: Environment, host: Host, path: string): readonly Variable[] {
  const { inherit } = environment;
  const named = inherit === "all" ? ["*"] : inherit;
  const patterns = [...PASSED_ON, ...(host.platform === "win32" ? PASSED_ON_WINDOWS : []), ...named];
  const matchers = patterns.map(matcher);
  const variables: Variable[] = [{ name: "PATH", value: absoluteOnly(path), from: "host" }];
  for (const [name, value] of Object.entries(host.env)) {
    if (value === undefined || name === "PATH" || name.startsWith("arg_") || !isPassable(name, host)) continue;
    const exact = named.includes(name);
    if (exact || (matchers.some((matches) => matches.test(name)) && (inherit === "all" || !decidesWhatRuns(name)))) {
      variables.push({ name, value, from: "host" });
    }
  }
  return variables;
}

/** Of PATH, what no working directory can change: an empty or relative entry finds programs wherever a command happens to run. */
function absoluteOnly(path: string): string {
  return path
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .join(delimiter);
}

/** Shells, which stand before some programs, pass on no others; on Windows there is no shell, and `ProgramFiles(x86)`. */
function isPassable(name: string, { platform }: Host): boolean {
  return platform === "win32" || /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

/** The values that were inherited from variables with the name of a secret. */
export function inheritedSecrets(variables: readonly Variable[]): readonly string[] {
  return variables
    .filter((variable) => variable.from === "host" && isSecretName(variable.name))
    .map((variable) => variable.value);
}

function matcher(pattern: string): RegExp {
  return new RegExp(`^${pattern.replaceAll("*", ".*")}$`);
}
