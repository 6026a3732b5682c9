import { lazy } from "../base/lazy.ts";
import { type Chosen, type Selection, type Unchosen, clientsHere } from "./chosen-clients.ts";
import { plural } from "./print.ts";
import { questionStreams } from "./question-streams.ts";
import { USUAL_NAME, nameFault } from "./registration-options.ts";
import type { Context } from "./verb.ts";

const library = lazy(() => import("@clack/prompts"));

/** Whether somebody can be asked: on a terminal, and not in a pipeline that only looks like one. */
export function canAsk({ stdin, stderr, host }: Context): boolean {
  return stdin.isTTY && stderr.isTTY && (host.env["CI"] ?? "") === "";
}

/** What a user was asked for; null: Ctrl-C. */
export type Answers = Pick<Selection, "scope" | "name"> & { readonly clients: readonly Chosen[] };

/** Asks for all that was not said, with what is likely chosen already. */
export async function askForAll(
  context: Context,
  said: { readonly scope: Selection["scope"] | undefined; readonly name: string | undefined; readonly remove: boolean },
): Promise<Answers | Unchosen | null> {
  const { isCancel, multiselect, select, text } = await library();
  const streams = questionStreams(context);
  const scope =
    said.scope ??
    (await select<Selection["scope"]>({
      ...streams,
      message: "Where is it registered?",
      initialValue: "user",
      options: [
        { value: "user", label: "for you", hint: "your own file of each client" },
        { value: "project", label: "for this project", hint: context.cwd },
      ],
    }));
  if (isCancel(scope)) return null;
  const name =
    said.name ??
    (await text({
      ...streams,
      message: "What is the server called there?",
      initialValue: USUAL_NAME,
      validate: (value) => nameFault(value ?? ""),
    }));
  if (isCancel(name)) return null;
  const here = await clientsHere(context, { scope, name, remove: said.remove });
  if ("message" in here) return here;
  const ids = await multiselect<string>({
    ...streams,
    message: said.remove ? "Out of which clients?" : "In which clients?",
    initialValues: here.clients.map(({ client }) => client.id),
    options: here.clients.map(({ client, evidence }) => ({ value: client.id, label: client.name, hint: evidence })),
  });
  if (isCancel(ids)) return null;
  return { scope, name, clients: here.clients.filter(({ client }) => ids.includes(client.id)) };
}

/** Whether files are written whose changes were shown; null: Ctrl-C. */
export async function askToWrite(context: Context, count: number): Promise<boolean | null> {
  const { confirm, isCancel } = await library();
  const answer = await confirm({
    ...questionStreams(context),
    message: `Write ${count === 1 ? "this file" : `these ${plural(count, "file")}`}?`,
  });
  return isCancel(answer) ? null : answer;
}
