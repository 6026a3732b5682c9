import { type CelEnv, type CelInput, CelScalar, celEnv, celFunc, isCelError, parse, plan } from "@bufbuild/cel";

/** A condition in CEL (cel.dev), parsed and ready. */
export interface Condition {
  /** The variables that it cannot be evaluated without; `has(params.x)` does not count. */
  readonly mentions: readonly string[];
  /** The parameters that it only asks for, by `has(params.x)`. */
  readonly asks: readonly string[];
  /** True or false; text says why it has no such value. */
  evaluate(variables: Readonly<Record<string, unknown>>): boolean | string;
  /** Why it has no such value whatever its variables are; empty when it may have one. */
  fault(): string;
}

/** Facts that a `when` asks for; each takes one text. */
export type Facts = Readonly<Record<string, (text: string) => boolean | string>>;

const NO_TRUTH = "its value is neither true nor false";

/** Parses a condition; text says why it is none. */
export function parseCondition(source: string, facts: Facts = {}): Condition | string {
  try {
    const parsed = parse(source);
    const funcs = Object.entries(facts).map(([name, fact]) =>
      celFunc(name, [CelScalar.STRING], CelScalar.DYN, (text) => fact(text)),
    );
    const env = celEnv({ funcs });
    const evaluate = plan(env, parsed);
    return {
      ...freeNames(parsed.expr),
      fault: () => unknownFunction(parsed.expr, env) ?? (canBeTrueOrFalse(parsed.expr, env) ? "" : NO_TRUTH),
      evaluate: (variables) => {
        const bindings: Record<string, CelInput> = {};
        for (const [name, value] of Object.entries(variables)) bindings[name] = toCel(value);
        const result = evaluate(bindings);
        if (isCelError(result)) return result.message;
        return typeof result === "boolean" ? result : NO_TRUTH;
      },
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return reason.replace(/^<input>:\d+:\d+: /, "");
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
function freeNames(root: unknown): Pick<Condition, "mentions" | "asks"> {
  const names = new Set<string>();
  const asked = new Set<string>();
  const bound = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const kind = exprKind(value);
    if (kind?.case === "identExpr") names.add(String(kind.value["name"]));
    if (kind?.case === "selectExpr" && exprKind(kind.value["operand"])?.value["name"] === "params") {
      (kind.value["testOnly"] === true ? asked : names).add(String(kind.value["field"]));
      return;
    }
    if (kind?.case === "comprehensionExpr")
      for (const key of ["iterVar", "iterVar2", "accuVar"]) bound.add(String(kind.value[key]));
    for (const item of Object.values(value)) visit(item);
  };
  visit(root);
  return { mentions: [...names].filter((name) => !bound.has(name) && name !== "params"), asks: [...asked] };
}

/** Tells of a function that CEL does not have; `_+_` and `@in` are operators. */
function unknownFunction(value: unknown, env: CelEnv): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const kind = exprKind(value);
  const name = kind?.case === "callExpr" ? String(kind.value["function"]) : "";
  if (/^[A-Za-z]/.test(name) && !env.funcs.find(name)) return `unbound function: ${name}`;
  for (const item of Object.values(value)) {
    const found = unknownFunction(item, env);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** As far as the syntax tells: what a variable holds is not known. */
function canBeTrueOrFalse(expr: unknown, env: CelEnv): boolean {
  const kind = exprKind(expr);
  if (kind?.case === "constExpr") return (kind.value["constantKind"] as { case?: string }).case === "boolValue";
  if (kind?.case === "comprehensionExpr") return !isCollection(kind.value["accuInit"]);
  if (kind?.case !== "callExpr") return !isCollection(expr);
  const name = String(kind.value["function"]);
  const [, ...branches] = kind.value["args"] as readonly unknown[];
  if (name === "_?_:_") return branches.some((branch) => canBeTrueOrFalse(branch, env));
  const overloads = [...(env.funcs.find(name) ?? [])];
  return (
    overloads.length === 0 || overloads.some(({ result }) => result === CelScalar.BOOL || result === CelScalar.DYN)
  );
}

function isCollection(expr: unknown): boolean {
  return ["listExpr", "structExpr"].includes(exprKind(expr)?.case ?? "");
}

function exprKind(value: unknown): { case: string; value: Readonly<Record<string, unknown>> } | undefined {
  const kind = (value as { exprKind?: { case?: string; value?: unknown } } | undefined)?.exprKind;
  return typeof kind?.case === "string"
    ? { case: kind.case, value: kind.value as Readonly<Record<string, unknown>> }
    : undefined;
}
