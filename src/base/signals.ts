/** The signals by which a user or a system asks a program to end. */
export const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/**
 * The signal by which a server is told to read its files again; undefined on Windows, where it says that the console is closed and
 * the program about to be ended.
 */
export const RELOAD_SIGNAL = process.platform === "win32" ? undefined : "SIGHUP";
