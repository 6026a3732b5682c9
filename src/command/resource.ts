import type { PathRule } from "./command.ts";
import type { FilePlace } from "./file-place.ts";
import type { Icon } from "./icon.ts";
import type { Typed } from "./texts.ts";
import type { UriTemplate } from "./uri.ts";
import type { Use } from "./use.ts";

/** What clients read by its address, complete: every default is filled in. Plain JSON data. */
export interface Resource extends Typed {
  /** That of a folder's file, where it is a folder. */
  readonly uri: UriTemplate;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly icons: readonly Icon[];
  /** Empty: as the bytes, or the end of the name, tell. */
  readonly mime: string;
  /** Of a file, at most. */
  readonly maxBytes: number;
  /** Empty: not said. */
  readonly audience: readonly ("user" | "assistant")[];
  readonly priority: number | null;
  readonly source: ResourceSource;
}

export type ResourceSource =
  | { readonly kind: "file"; readonly file: FilePlace }
  | FolderSource
  | { readonly kind: "command"; readonly use: Use };

export interface FolderSource {
  readonly kind: "folder";
  /** The address of the list. */
  readonly base: string;
  readonly path: string;
  /** Where the folder must lie. */
  readonly rule: PathRule;
  /** Globs of the files, relative to the folder. */
  readonly files: readonly string[];
}
