// What the tests of tasks have in common: commands that wait for files, and clients without a library that ask about them.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { poll } from "../rig.ts";
import { type Line, type Wire, envelope, initialize, wire } from "./wire.ts";

/** `build` writes its process id to `pid` and waits for `go`; both lie in `in`. */
export const YAML = `
commands:
  - name: build
    description: Prints, waits for the file \`go\`, and ends.
    isolation: group
    shell: sh
    run: |
      cd "$arg_in"; echo started; echo $$ > pid
      while ! [ -e go ]; do sleep 0.02; done
      echo done; exit "$arg_code"
    params:
      in: { type: string, required: true }
      code: { type: integer, default: 0 }
  - { name: quick, description: Is done at once., run: [echo, quick] }
  - name: note
    description: Is asked about first.
    run: [echo, noted]
    confirm: Note it?
  - name: sure
    description: Is asked about first, and waits for the file \`go\`.
    shell: sh
    run: cd "$arg_in"; while ! [ -e go ]; do sleep 0.02; done; echo sure
    params: { in: { type: string, required: true } }
    confirm: Sure?
`;

export const TASKS = "io.modelcontextprotocol/tasks";
export const RELATED = "io.modelcontextprotocol/related-task";

export type Answer = Readonly<Record<string, unknown>>;

export interface Asker {
  /** The result of a request; rejects with its error. */
  ask(method: string, params?: object): Promise<Answer>;
}

/** How a request failed. */
export async function errorOf(asked: Promise<unknown>): Promise<{ readonly code: number; readonly message: string }> {
  return asked.then(
    (result) => Promise.reject(new Error(`expected an error, came ${JSON.stringify(result)}`)),
    (error: unknown) => error as { code: number; message: string },
  );
}

export function resultOf({ result, error }: Line): Answer {
  if (!result) throw Object.assign(new Error(error?.message), error);
  return result;
}

function askerOf(session: Wire, meta?: object): Asker & { readonly session: Wire } {
  let next = 1000;
  return {
    session,
    ask: async (method, params = {}) => {
      const id = next++;
      session.send({ id, method, params: { ...params, ...(meta ? { _meta: meta } : {}) } });
      return resultOf(await session.answer(id));
    },
  };
}

/** A session of a revision with sessions over stdio; `hello` is what it was begun with. */
export async function older(revision = "2025-11-25", capabilities: object = {}) {
  const session = await wire(YAML, null);
  const hello = initialize(revision) as { readonly params: object };
  session.send({ ...hello, params: { ...hello.params, capabilities } });
  const answer = resultOf(await session.answer("initialize"));
  session.send({ method: "notifications/initialized" });
  return { ...askerOf(session), hello: answer };
}

/** The `_meta` of a client of 2026-07-28 that takes tasks. */
export const DECLARED = {
  ...envelope(),
  "io.modelcontextprotocol/clientCapabilities": { extensions: { [TASKS]: {} }, elicitation: { form: {} } },
};

export async function newer(meta: object = DECLARED) {
  return askerOf(await wire(YAML, null), meta);
}

/** Asks until the answer is as it should be. */
export async function until(ask: () => Promise<Answer>, isRight: (answer: Answer) => boolean): Promise<Answer> {
  let answer = await ask();
  await poll(
    async () => isRight(answer) || isRight((answer = await ask())),
    () => `the last answer was ${JSON.stringify(answer)}`,
  );
  return answer;
}

/** Until `build` runs in a folder; gives its process. */
export async function begun(path: string): Promise<string> {
  const file = join(path, "pid");
  await poll(
    () => existsSync(file) && readFileSync(file, "utf8").endsWith("\n"),
    () => "it does not begin",
  );
  return readFileSync(file, "utf8").trim();
}

export function isAlive(pid: string): boolean {
  return existsSync(`/proc/${pid}`);
}

export function go(path: string): void {
  writeFileSync(join(path, "go"), "");
}
