import type { Field } from "./field.ts";
import type { FilePlace } from "./file-place.ts";
import type { Icon } from "./icon.ts";
import type { Template } from "./template.ts";
import type { Typed } from "./texts.ts";
import type { Use } from "./use.ts";

/** A text that a person picks in the client, complete: every default is filled in. Plain JSON data. */
export interface Prompt extends Typed {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly icons: readonly Icon[];
  /** The real path of the workspace. */
  readonly workspace: string;
  /** Arguments that the user is asked for where they were not given. */
  readonly ask: readonly Field[];
  readonly messages: readonly Message[];
}

/** Vanishes when an argument that it mentions was not given. */
export interface Message {
  readonly role: "user" | "assistant";
  readonly content: MessageContent;
}

export type MessageContent =
  | { readonly kind: "text"; readonly template: Template }
  /** The address of a resource of the catalogue. */
  | { readonly kind: "resource"; readonly uri: Template }
  | { readonly kind: "image"; readonly file: FilePlace }
  | { readonly kind: "command"; readonly use: Use };
