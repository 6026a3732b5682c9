import { basename } from "node:path";

/** Programs that run what they are told: their operands and options are code, or other programs. */
const PROGRAMS = new Set(
  `ansible ash at awk bash batch bun busybox chroot choom cmake cmd crontab csh ctest dash dbus-run-session deno doas docker-compose dc ed elvish emacs env eval
  ex exec expect fd find fish flatpak flock gawk gdb gmake gradle groovy irb java jq ksh ldd less lldb ltrace lua make man mawk
  mvn mysql nano nawk nc ncat nice ninja node nohup npx nsenter nvim osascript parallel perl php pkexec pnpx prlimit powershell psql pwsh
  python pypy rake rlwrap rsync ruby run-parts runuser scp screen script sed setpriv setsid sftp sh socat sqlite ssh strace stdbuf su sudo
  systemd-run taskset tclsh time timeout tmux tsx unshare uvx valgrind vi view vim watch wish xargs zsh`.split(/\s+/),
);

/** Subcommands that do so, whatever program they belong to. */
const SUBCOMMANDS = new Set(
  `bisect config debug difftool dlx eval exec explore filter-branch foreach mergetool repl run run-script sh shell x`.split(
    /\s+/,
  ),
);

/** Whether what this runs is chosen by its arguments; versions in a name count for nothing. */
export function isLauncher([program = "", ...subcommands]: readonly string[]): boolean {
  const name = basename(program)
    .toLowerCase()
    .replace(/\.exe$/, "");
  return (
    PROGRAMS.has(name) ||
    PROGRAMS.has(name.replace(/-?\d[\d.]*$/, "")) ||
    subcommands.some((subcommand) => SUBCOMMANDS.has(subcommand))
  );
}

/** Whether a text speaks of what is run or read as code. */
export function isAboutCode(text: string): boolean {
  return ABOUT.test(text.replaceAll(NOT_ABOUT, ""));
}

const NOT_ABOUT =
  /\b(?:(?:exit|error|status|return|country|language)[ -]codes?|command[ -]lines?|shell[ -](?:patterns?|globs?|wildcards?))\b/gi;

const ABOUT =
  /(?<![a-z])(?:sub-?)?(?:commands?|cmd|prog|programs?|scripts?|executables?|execut(?:e[sd]?|ing)|expr|expressions?|shell|code|interpreter|sql|statements?|plugins?|hooks?|editor|pager|wrapper)(?![a-z])/i;
