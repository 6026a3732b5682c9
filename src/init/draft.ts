/** A catalogue in the making. Its texts are a catalogue's: what comes from elsewhere goes through `literal` first. */
export interface Draft {
  /** The name of the server. */
  readonly name: string;
  readonly instructions?: string;
  readonly commands: readonly DraftCommand[];
  /** What was not understood or left out, each with the reason, for people. */
  readonly notes: readonly string[];
}

export interface DraftCommand {
  readonly name: string;
  /** What somebody should look at before a model calls it. */
  readonly review: readonly string[];
  readonly effect: Guess;
  /** What it runs or sends, for a description that says nothing. */
  readonly detail: string;
  /** All other keys but `params`, in the order in which they are written. */
  readonly keys: { readonly [key: string]: Value | undefined };
  readonly params: readonly DraftParam[];
}

export interface DraftParam {
  readonly name: string;
  readonly schema: { readonly [word: string]: Value | undefined };
  /** What of it is a guess. */
  readonly review?: string | undefined;
}

export interface Guess {
  readonly effect: Effect;
  /** What it was guessed from; empty where it is known. */
  readonly from: string;
}

export type Effect = "read" | "write" | "destructive";

export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value | undefined };

/** A text of somebody else's, as a catalogue writes it: nothing in it is a variable or a place. */
export function literal(text: string): string {
  return text.replaceAll("${", () => "$${");
}

/** A place for the value of a parameter. */
export function placeOf(name: string): string {
  return `\${{ ${name} }}`;
}
