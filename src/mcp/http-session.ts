import { randomUUID } from "node:crypto";
import { asCaller } from "../caller.ts";
import type { Engine } from "../engine.ts";
import { type HttpTransport, type HttpTransportOptions, createHttpTransport } from "./http-transport.ts";
import { type ServerDoor, createServer } from "./server.ts";

/** A session of a client of the revisions before 2026-07-28, with a server, a transport and a view of the engine of its own. */
export interface HttpSession extends Pick<HttpTransport, "post" | "listen" | "revisionFault"> {
  /** Whoever knows it speaks for the session: it comes from us, and cannot be guessed. */
  readonly id: string;
  /** Whom it is from. */
  readonly client: string;
  /** Whether an answer, a listener or a job keeps it alive. */
  isBusy(): boolean;
  /** Cancels what runs for it. */
  close(): Promise<void>;
}

export interface HttpSessionOptions extends Pick<HttpTransportOptions, "archive" | "holdMs"> {
  readonly engine: Engine;
  readonly version: string;
  readonly client: string;
  readonly exchangeOf: NonNullable<ServerDoor["exchangeOf"]>;
  ended(id: string): void;
}

export async function openHttpSession(options: HttpSessionOptions): Promise<HttpSession> {
  const { version, client, exchangeOf, archive, holdMs } = options;
  const id = randomUUID();
  // Not the session's id, which is a secret: it is written into the analytics.
  const engine = asCaller(options.engine, `http:${randomUUID().slice(0, 8)}`);
  const transport = createHttpTransport({ sessionId: id, archive, holdMs, ended: end });
  await createServer(engine, version, { exchangeOf }).connect(transport);

  /** A task is not bound to the session. */
  function running(): ReturnType<Engine["jobs"]["list"]> {
    return engine.jobs.list().filter((job) => !job.task && !job.hasEnded());
  }

  /** Nobody can ask for its jobs any more. */
  function end(): void {
    options.ended(id);
    for (const job of running()) void job.cancel();
  }

  return {
    id,
    client,
    post: transport.post,
    listen: transport.listen,
    revisionFault: transport.revisionFault,
    isBusy: () => transport.isBusy() || running().length > 0,
    close: transport.close,
  };
}
