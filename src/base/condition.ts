import { CelScalar, celEnv, celFunc, isCelError, parse, plan } from "@bufbuild/cel";
import type { CelInput } from "@bufbuild/cel";

/** A condition in CEL (cel.dev), parsed and ready. */
export interface Condition {
  /** The variables that it cannot be evaluated without; `has(params.x)` does not count. */
  readonly mentions: readonly string[];
  /** True or false; text says why it has no such value. */
  evaluate(variables: Readonly<Record<string, unknown>>): boolean | string;
}

/** Facts that a `when` asks for; each takes one text. */
export type Facts = Readonly<Record<string, (text: string) => boolean | string>>;

/** Parses a condition; text says why it is none. */
export function parseCondition(source: string, facts: Facts = {}): Condition | string {
  try {
    const parsed = parse(source);
    const funcs = Object.entries(facts).map(([name, fact]) =>
      celFunc(name, [CelScalar.STRING], CelScalar.DYN, (text) => fact(text)),
    );
    const evaluate = plan(celEnv({ funcs }), parsed);
    return {
      mentions: freeNames(parsed.expr),
      evaluate: (variables) => {
        const bindings: Record<string, CelInput> = {};
        for (const [name, value] of Object.entries(variables)) bindings[name] = toCel(value);
        const result = evaluate(bindings);
        if (isCelError(result)) return result.message;
        return typeof result === "boolean" ? result : "its value is neither true nor false";
      },
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whole numbers become CEL's `int`, as a reader of the catalogue expects of `count % 2`. */
function toCel(value: unknown): CelInput {
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
  if (Array.isArray(value)) return value.map(toCel);
  if (typeof value === "object" && value !== null)
    return new Map(Object.entries(value).map(([key, item]) => [key, toCel(item)]));
  return value as CelInput;
}

/** Names that stand free in the syntax tree, and `x` of `params.x`; variables of macros such as `all` are bound, not free. */
function freeNames(root: unknown): readonly string[] {
  const names = new Set<string>();
  const bound = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const kind = exprKind(value);
    if (kind?.case === "identExpr") names.add(String(kind.value["name"]));
    if (kind?.case === "selectExpr" && exprKind(kind.value["operand"])?.value["name"] === "params") {
      if (kind.value["testOnly"] !== true) names.add(String(kind.value["field"]));
      return;
    }
    if (kind?.case === "comprehensionExpr")
      for (const key of ["iterVar", "iterVar2", "accuVar"]) bound.add(String(kind.value[key]));
    for (const item of Object.values(value)) visit(item);
  };
  visit(root);
  return [...names].filter((name) => !bound.has(name) && name !== "params");
}

function exprKind(value: unknown): { case: string; value: Readonly<Record<string, unknown>> } | undefined {
  const kind = (value as { exprKind?: { case?: string; value?: unknown } } | undefined)?.exprKind;
  return typeof kind?.case === "string"
    ? { case: kind.case, value: kind.value as Readonly<Record<string, unknown>> }
    : undefined;
}
