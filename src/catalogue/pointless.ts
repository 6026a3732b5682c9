import type { Command } from "../command/command.ts";
import type { Draft } from "./draft.ts";

/** Warns of bounds of a command that never count, because another one always comes first. */
export function warnPointless(draft: Draft, command: Command): void {
  const { timeoutMs, idleTimeoutMs, handoffMs, limits, output, retry } = command;
  const warn = (key: string, message: string, hint: string): void =>
    draft.warn(draft.at(key), "never-reached", message, hint);
  const whole = `the timeout of ${timeoutMs / 1000} s ends the command first`;
  if (idleTimeoutMs !== null && idleTimeoutMs >= timeoutMs)
    warn("idle_timeout", `${whole}, so that \`idle_timeout\` never does`, "make it shorter, or `timeout` longer");
  if (handoffMs !== null && handoffMs >= timeoutMs)
    warn("handoff", `${whole}, so that it never becomes a job`, "make it shorter, or `timeout` longer");
  const key = ["limits", "output"].find((each) => draft.get(each) !== undefined);
  if (key !== undefined && limits.output < output.maxBytes)
    warn(
      key,
      "less is kept of the output (`limits.output`) than is shown of it (`output.max`)",
      "keep as much at least",
    );
  if (draft.get("retry") !== undefined && retry?.attempts === 1)
    warn("retry", "with one attempt nothing is tried again", "`attempts` counts the first one too");
}
