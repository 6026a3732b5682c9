import { execFileSync } from "node:child_process";

/** Makes a git repository of a folder, with all that is in it in one commit. */
export function commit(cwd: string, message: string): void {
  const who = {
    GIT_AUTHOR_NAME: "A",
    GIT_AUTHOR_EMAIL: "a@example.org",
    GIT_COMMITTER_NAME: "A",
    GIT_COMMITTER_EMAIL: "a@example.org",
  };
  const env = { ...process.env, ...who, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
  for (const args of [
    ["init", "--quiet"],
    ["add", "--all"],
    ["commit", "--quiet", `--message=${message}`],
  ])
    execFileSync("git", args, { cwd, env });
}
