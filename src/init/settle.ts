import type { Draft } from "./draft.ts";
import { polished } from "./polish.ts";
import { oneLine } from "./words.ts";
import { writeDraft } from "./write.ts";

/** As many tools as a model and its client still tell apart. */
const MOST_COMMANDS = 100;

/** What is wrong with a text, and where. */
export interface Fault {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

export interface Settled {
  readonly text: string;
  readonly draft: Draft;
  /** Errors that belong to no command; the text does not load then. */
  readonly faults: readonly Fault[];
}

/**
 * Writes a draft so that it loads: a command that would not is left out, and named among the notes with the reason. `check`
 * tells the errors of a text.
 */
export async function settle(
  wished: Draft,
  head: readonly string[],
  check: (text: string) => Promise<readonly Fault[]>,
): Promise<Settled> {
  let draft = withoutSurplus(polished(wished));
  for (;;) {
    const { text, starts } = writeDraft(draft, head);
    const faults = await check(text);
    const reasons = new Map<number, string>();
    for (const { line, message } of faults) {
      const index = starts.findLastIndex((start) => start <= line);
      if (index >= 0 && !reasons.has(index)) reasons.set(index, message);
    }
    if (reasons.size === 0) return { text, draft, faults };
    draft = without(draft, reasons);
  }
}

/** The draft without the commands of these places, which are named among the notes. */
function without(draft: Draft, reasons: ReadonlyMap<number, string>): Draft {
  const notes = Array.from(reasons, ([index, why]) => `${draft.commands[index]?.name ?? ""}: ${oneLine(why)}`);
  const commands = draft.commands.filter((_command, index) => !reasons.has(index));
  return { ...draft, commands, notes: [...draft.notes, ...notes] };
}

function withoutSurplus(draft: Draft): Draft {
  const surplus = draft.commands.slice(MOST_COMMANDS);
  if (surplus.length === 0) return draft;
  const names = surplus.map(({ name }) => name).join(", ");
  const note = `${surplus.length} commands, as ${MOST_COMMANDS} are as many as models still tell apart: ${names}`;
  return { ...draft, commands: draft.commands.slice(0, MOST_COMMANDS), notes: [...draft.notes, note] };
}
