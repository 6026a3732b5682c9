/** Every code of a refusal, with the exit code of `mcpfier run` and what it stands for. `docs/outcomes.md` shows this table. */
export const REFUSALS = {
  "tool.unknown": [125, "no command has this name"],
  "arguments.invalid": [125, "an argument is missing, unknown or not what its schema says"],
  "arguments.too_large": [125, "an argument is longer than the system passes to a program (128 KiB)"],
  "dash.leading": [125, "a value begins with `-` where a program would read it as an option"],
  "path.outside": [
    125,
    "a path leads out of the folders that the parameter allows, or to where the container does not see it",
  ],
  "path.invalid": [125, "a path is missing, of another kind, or a broken link"],
  "environment.unset": [125, "an environment variable that the catalogue mentions was not set when it was loaded"],
  "workspace.missing": [
    125,
    "the workspace is the client's folder, and neither the client nor `--workspace` named one",
  ],
  "constraint.failed": [125, "a condition of `constraints` is not met"],
  "ask.unavailable": [
    125,
    "the user has to be asked for an argument that was not given, and nobody can be asked; give it",
  ],
  "ask.declined": [125, "the user was asked for arguments, and did not answer"],
  "ask.late": [125, "nobody gave the arguments in time (10 minutes)"],
  "ask.asked": [125, "the user is being asked for arguments; the answer comes with the same call, sent once more"],
  "confirm.unavailable": [125, "a user has to confirm it, and nobody can be asked; `mcpfier run NAME --yes` allows it"],
  "confirm.declined": [125, "the user did not confirm it"],
  "confirm.late": [125, "nobody confirmed it in time (10 minutes)"],
  "confirm.changed": [125, "what would run is not what was confirmed"],
  "confirm.asked": [125, "the user is being asked; the answer comes with the same call, sent once more"],
  "program.missing": [127, "the program was not found"],
  "program.not_executable": [126, "the program cannot be executed"],
  "cwd.missing": [125, "the working directory does not exist"],
  "limits.unenforceable": [125, "this host cannot enforce a limit, and the command asks for it by `strict`"],
  "engine.refused": [125, "the container engine refused to run it"],
  "image.missing": [125, "the image is not there and could not be fetched, or must not be"],
  "mount.missing": [125, "the container engine does not see what is to be mounted"],
  "queue.full": [125, "as many calls run and wait as may; try again later"],
  "job.unknown": [125, "no job has this id, or it ended more than an hour ago"],
  "resource.exhausted": [125, "this machine has no process, memory or file handle left for the call; try again"],
  "spawn.failed": [125, "the system refused to start the program"],
  "engine.down": [125, "no container engine could be reached"],
  "webhook.unreachable": [125, "the service could not be reached, and nothing was sent to it"],
  "webhook.forbidden": [
    125,
    "the request would reach an address that webhooks may not reach, or is none that may be sent",
  ],
  "webhook.token": [125, "the service was not asked, because no OAuth token for it was given"],
  "record.missing": [125, "there is no record of the call, or it was removed"],
  "record.unreadable": [125, "the record of the call cannot be read from the disk"],
  "server.stopping": [125, "the server is shutting down"],
  "internal.error": [125, "a defect of mcpfier; the log holds the details under the call's id"],
} as const satisfies Record<string, readonly [exitCode: number, meaning: string]>;

export type RefusalCode = keyof typeof REFUSALS;

/** A list of 4 MiB may have two million. */
const MOST_PROBLEMS = 100;

/** One reason why a call does not start; the text says what was expected, what came and what to do. */
export interface Complaint {
  readonly code: RefusalCode;
  readonly text: string;
}

/**
 * The one error class: a call that never started. Its code is that of the first complaint. It has no stack, which nobody is shown, and
 * which takes longer to make than all the rest of a refusal.
 */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly problems: readonly string[];

  constructor(code: RefusalCode, problems: readonly string[]) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(problems.join("\n"));
    Error.stackTraceLimit = stackTraceLimit;
    this.name = "Refusal";
    this.code = code;
    this.problems = problems;
  }
}

export function refuse(code: RefusalCode, text: string): Refusal {
  return new Refusal(code, [text]);
}

/** Throws one refusal that names all complaints, or the first hundred and how many more there are, if there are any. */
export function refuseAll(complaints: readonly Complaint[]): void {
  const refusal = refusalOf(complaints);
  if (refusal) throw refusal;
}

/** Its own function, as V8 leaves one that always throws uncompiled. */
function refusalOf(complaints: readonly Complaint[]): Refusal | undefined {
  const [first] = complaints;
  const problems = complaints.slice(0, MOST_PROBLEMS).map(({ text }) => text);
  if (complaints.length > MOST_PROBLEMS) problems.push(`and ${complaints.length - MOST_PROBLEMS} more`);
  return first && new Refusal(first.code, problems);
}
