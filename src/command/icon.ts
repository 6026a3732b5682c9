/** A picture that clients show beside a name, complete. Plain JSON data. */
export interface Icon {
  /** A URL of https, or the picture itself as a `data:` URL. */
  readonly src: string;
  /** Empty: not said. */
  readonly mime: string;
  /** `WIDTHxHEIGHT` each, or `any`; empty: not said. */
  readonly sizes: readonly string[];
  /** The background that it is made for; null: any. */
  readonly theme: "light" | "dark" | null;
}
