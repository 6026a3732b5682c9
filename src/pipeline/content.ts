/** A piece of a result, as a door passes it on. Empty texts and nulls: not said. */
export type Content = (TextPiece | MediaPiece | ResourcePiece | LinkPiece) & {
  readonly annotations?: Annotations;
};

export interface TextPiece {
  readonly kind: "text";
  readonly text: string;
}

export interface MediaPiece {
  readonly kind: "image" | "audio";
  readonly mime: string;
  readonly base64: string;
}

/** The content of a resource, which a reader need not fetch. */
export interface ResourcePiece {
  readonly kind: "resource";
  readonly uri: string;
  readonly mime: string;
  readonly body: { readonly text: string } | { readonly base64: string };
}

/** Where a resource can be fetched. */
export interface LinkPiece {
  readonly kind: "link";
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mime: string;
  /** In bytes. */
  readonly size: number | null;
}

/** For whom a piece is, and how much it matters, as the protocol has it. */
export interface Annotations {
  readonly audience?: readonly ("user" | "assistant")[];
  /** From 0 to 1. */
  readonly priority?: number;
  readonly lastModified?: string;
}
