import { isSecretName } from "../base/secret.ts";
import { LITERAL_DOLLAR, literalText } from "../command/template.ts";
import type { Node, Piece, ScalarNode } from "./node.ts";
import type { World } from "./world.ts";

/** Fills `${NAME}` from the host's environment. A value is text for ever after: a `${{` in it is no placeholder. */
export interface Interpolator {
  /** Secrets that were filled in so far. */
  readonly secrets: ReadonlySet<string>;
  /** Whether any value was filled in so far that says something. */
  hasFilled(): boolean;
  /** The text with values filled in, as `parseTemplate` reads it: what came from a value is never read as a place. */
  fill(text: string, fault: InterpolationFault): string;
  /** The same in its parts. */
  pieces(text: string, fault: InterpolationFault): readonly Piece[];
}

/** Told of each faulty place: the text as written, what is wrong, and what to do. Answers with what stands there then. */
export type InterpolationFault = (written: string, message: string, hint: string) => string;

export function createInterpolator(world: Pick<World, "env">): Interpolator {
  const secrets = new Set<string>();
  let hasFilled = false;

  function pieces(text: string, fault: InterpolationFault): readonly Piece[] {
    const found: Piece[] = [];
    let from = 0;
    for (const { index, 0: written, 1: inside, 2: close } of text.matchAll(/\$\$\{|\$\{(?!\{)([^}]*)(\}?)/g)) {
      if (inside === undefined) continue;
      const filled = valueOf(written, close === "" ? "" : inside, fault);
      found.push({ template: text.slice(from, index), value: null }, { template: literal(filled), value: filled });
      from = index + written.length;
    }
    return [...found, { template: text.slice(from), value: null }];
  }

  function valueOf(written: string, inside: string, fault: InterpolationFault): string {
    const match = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:-|:\?)([\s\S]*))?$/.exec(inside);
    if (!match) {
      const message = `\`${written}\` is not \`\${NAME}\`, \`\${NAME:-default}\` or \`\${NAME:?message}\``;
      return fault(written, message, "write `$${` for a literal `${`");
    }
    const [, name = "", operator = "", rest = ""] = match;
    return value(name, operator, rest, (message, hint) => fault(written, message, hint));
  }

  function value(
    name: string,
    operator: string,
    rest: string,
    fault: (message: string, hint: string) => string,
  ): string {
    const found = world.env(name);
    if (found !== undefined && (operator === "" || found !== "")) {
      hasFilled ||= found !== "";
      if (isSecretName(name) && found !== "") secrets.add(found);
      return found;
    }
    if (operator === ":-") return rest;
    if (operator === ":?") return fault(`${name}: ${rest || "it must be set"}`, `set the environment variable ${name}`);
    return fault(`the environment variable ${name} is not set`, `set it, or write \`\${${name}:-default}\``);
  }

  return { secrets, hasFilled: () => hasFilled, pieces, fill: (text, fault) => joined(pieces(text, fault)) };
}

function joined(pieces: readonly Piece[]): string {
  return pieces.map(({ template }) => template).join("");
}

/** What was filled in begins no place. */
function literal(text: string): string {
  return text.replaceAll("$", () => LITERAL_DOLLAR);
}

/** Fills every text below a node, but for those that `skip` names; a text under several aliases is filled once. */
export function interpolateAll(
  root: Node,
  skip: ReadonlySet<Node>,
  interpolator: Interpolator,
  fault: (node: ScalarNode) => InterpolationFault,
): void {
  const seen = new Set<Node>(skip);
  const todo: Node[] = [root];
  for (let node = todo.pop(); node; node = todo.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.kind === "sequence") todo.push(...node.items);
    else if (node.kind === "mapping") for (const entry of node.entries.values()) todo.push(entry.value);
    else if (typeof node.value === "string" && node.value.includes("${")) {
      node.pieces = interpolator.pieces(node.value, fault(node));
      node.template = joined(node.pieces);
      node.value = literalText(node.template);
    }
  }
}
