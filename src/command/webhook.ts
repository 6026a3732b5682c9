import type { Template } from "./template.ts";

/** The HTTP request that a command is instead of a program, complete. Plain JSON data. */
export interface Webhook {
  /** In capital letters. */
  readonly method: string;
  readonly url: HookUrl;
  /** By their names as they are written. */
  readonly headers: Readonly<Record<string, Template>>;
  readonly body: HookBody | null;
  readonly auth: HookAuth | null;
  readonly retry: HookRetry | null;
  /** Status codes that are a success, each range with its ends. */
  readonly okStatus: readonly (readonly [from: number, to: number])[];
  readonly pagination: Pagination | null;
  /** Hosts that redirects may lead to, beside the URL's own. */
  readonly hosts: readonly string[];
  /** Hosts whose addresses may be private. */
  readonly allowPrivate: readonly string[];
  /** Whether an answer that says that it is JSON is a structured result; else only `output.format` decides. */
  readonly structured: boolean;
}

/** A URL in its parts, so that what fills a place can never become another part. */
export interface HookUrl {
  /** Scheme, host and port; constant. */
  readonly origin: string;
  /** What stands between the slashes; text of the file is percent-encoded already. */
  readonly segments: readonly Template[];
  /** Names are constant, and percent-encoded already; null: a name without `=`. */
  readonly query: readonly (readonly [name: string, value: Template | null])[];
}

/** A value with places at any depth. A text that is one place alone keeps the type of what fills it. */
export type HookValue =
  | { readonly kind: "constant"; readonly value: string | number | boolean | null }
  | { readonly kind: "text"; readonly template: Template }
  | { readonly kind: "list"; readonly items: readonly HookValue[] }
  | { readonly kind: "map"; readonly entries: readonly (readonly [name: string, value: HookValue])[] };

export type HookBody =
  | { readonly format: "json"; readonly value: HookValue }
  | { readonly format: "form"; readonly fields: readonly (readonly [name: string, value: HookValue])[] }
  | { readonly format: "xml"; readonly root: string; readonly value: HookValue }
  /** JSON that is written out, without places. */
  | { readonly format: "verbatim"; readonly template: Template }
  /** XML that is written out; its places stand in text or in quoted attributes only. */
  | { readonly format: "markup"; readonly template: Template }
  | { readonly format: "text"; readonly template: Template };

export type HookAuth = HookCredentials & {
  /** Whether its secret stands in the catalogue itself, and nothing of it comes from the environment. */
  readonly isLiteral: boolean;
};

type HookCredentials =
  | { readonly type: "bearer"; readonly token: string }
  | { readonly type: "api_key"; readonly header: string; readonly key: string }
  | { readonly type: "basic"; readonly user: string; readonly pass: string }
  | {
      readonly type: "oauth2";
      readonly tokenUrl: string;
      readonly clientId: string;
      readonly clientSecret: string;
      readonly scopes: readonly string[];
      readonly by: "header" | "body";
    };

export interface HookRetry {
  readonly maxRetries: number;
  readonly delayMs: number;
  /** What the delay is multiplied by each time; `linear`: the delay once, twice, three times. */
  readonly backoff: number | "linear";
  readonly statusCodes: readonly number[];
}

/** How the pages after the first are found. `items` points at the list in each (RFC 6901); empty: the page itself is it. */
export interface Pagination {
  readonly by: PaginationKind;
  readonly items: string;
  readonly maxPages: number;
}

export type PaginationKind =
  | { readonly kind: "link" }
  | { readonly kind: "cursor"; readonly cursor: string; readonly parameter: string }
  | { readonly kind: "page"; readonly parameter: string; readonly first: number };
