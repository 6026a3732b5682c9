import { dirname, resolve } from "node:path";
import { faultOf } from "../base/files.ts";
import { openLogFile } from "../base/log-file.ts";
import { log, setLogFile } from "../base/log.ts";
import { RELOAD_SIGNAL } from "../base/signals.ts";
import type { Context } from "./verb.ts";

/**
 * Has the log written to a file, and after SIGHUP to what bears its name then, as programs that rotate logs expect; false, and a
 * message, when it cannot be opened.
 */
export function logToFile({ stderr, cwd }: Pick<Context, "stderr" | "cwd">, named: string): boolean {
  const path = resolve(cwd, named);
  try {
    const file = openLogFile(path);
    setLogFile(file);
    const reopen = (): void => {
      try {
        file.reopen();
      } catch (error) {
        log.error({ path, error }, "the log file cannot be opened again; the log goes on in the old one");
      }
    };
    if (RELOAD_SIGNAL !== undefined) process.on(RELOAD_SIGNAL, reopen);
    return true;
  } catch (error) {
    const isHomeless = (error as NodeJS.ErrnoException).code === "ENOENT";
    const why = isHomeless ? `there is no folder ${dirname(path)}` : faultOf(error);
    stderr.write(`mcpfier: the log file ${path} cannot be opened: ${why}\n`);
    return false;
  }
}
