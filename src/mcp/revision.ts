/** Structured results, and links to resources, came with this revision of the protocol. */
export const STRUCTURED_SINCE = "2025-06-18";
export const LINKS_SINCE = "2025-06-18";
export const AUDIO_SINCE = "2025-03-26";
export const ICONS_SINCE = "2025-11-25";
/** The only one whose messages may come in batches. */
export const BATCHES_IN = "2025-03-26";

/** The first with tasks. As of 2026-07-28 they are an extension. */
export const TASKS_SINCE = "2025-11-25";
/** Forms with defaults, with titles for choices in the words of JSON Schema, and with several choices. */
export const RICH_FORMS_SINCE = "2025-11-25";

/** A client comes back for a stream that the server closes before it is over. */
export const POLLED_SINCE = "2025-11-25";

/** Those whose requests say in themselves by which of them they are to be read. */
export const CLAIMED: readonly string[] = ["2026-07-28"];

/** A server asks the user by an answer, and not by a request of its own. */
export const INPUT_REQUIRED_SINCE = "2026-07-28";

/** Whether a client of this revision knows what came with another; revisions are dates. Undefined: the newest. */
export function knows(revision: string | undefined, since: string): boolean {
  return revision === undefined || revision >= since;
}
