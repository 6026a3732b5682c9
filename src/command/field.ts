/** A field of a form, for a parameter that the user is asked for. Plain JSON data. */
export interface Field {
  /** That of the parameter. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Whether it may not be left blank. */
  readonly required: boolean;
  readonly input: Input;
  /** What it begins with; null: it is blank. */
  readonly preset: string | number | boolean | readonly string[] | null;
}

/** What can be entered; null: it is not bounded so. What more the parameter demands is checked afterwards. */
export type Input =
  | {
      readonly kind: "text";
      readonly minLength: number | null;
      readonly maxLength: number | null;
      readonly format: "email" | "uri" | "date" | "date-time" | null;
    }
  | {
      readonly kind: "number";
      readonly isInteger: boolean;
      readonly minimum: number | null;
      readonly maximum: number | null;
    }
  | { readonly kind: "switch" }
  | { readonly kind: "choice"; readonly choices: readonly Choice[] }
  | {
      readonly kind: "choices";
      readonly choices: readonly Choice[];
      readonly minItems: number | null;
      readonly maxItems: number | null;
    };

export interface Choice {
  readonly value: string;
  /** As people read it. */
  readonly title: string;
}
