import { ENDING_SIGNALS, RELOAD_SIGNAL } from "../base/signals.ts";
import { type Address, readAddress } from "./address.ts";
import { type App, type AppOptions, startApp } from "./app.ts";

export interface ServeOptions extends Omit<AppOptions, "address"> {
  /** Where to listen, as `[host:]port`. */
  readonly wanted: string;
  /** Told the URL. */
  listening(url: string): void;
}

/** Why it could not be served, as a sentence without its full stop. */
export interface Unserved {
  readonly kind: "address" | "taken";
  readonly why: string;
}

/** Serves over HTTP, and resolves when a signal came and every call has ended; a second signal does not wait. */
export async function serve({ wanted, listening, ...options }: ServeOptions): Promise<Unserved | undefined> {
  const address = readAddress(wanted);
  if (typeof address === "string") return { kind: "address", why: address };
  const app = await start({ ...options, address });
  if ("why" in app) return app;
  const { promise, resolve } = Promise.withResolvers<void>();
  let isEnding = false;

  function end(): void {
    if (isEnding) process.exit(1);
    isEnding = true;
    resolve();
  }

  for (const name of ENDING_SIGNALS.filter((each) => each !== RELOAD_SIGNAL)) process.on(name, end);
  listening(app.url);
  await promise;
  // Calls that run are cancelled, and say so to who waits for them.
  app.stop();
  await options.engine.close();
  await app.close();
  return undefined;
}

async function start(options: AppOptions & { readonly address: Address }): Promise<App | Unserved> {
  try {
    return await startApp(options);
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    return { kind: "taken", why: `port ${options.address.port} cannot be listened at: ${FAULTS[code] ?? message}` };
  }
}

const FAULTS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program listens there already; stop it, or choose another port",
  EACCES: "the system keeps that port for root; choose one above 1023",
};
