import { type Data, textOf } from "./data.ts";
import { literal } from "./draft.ts";
import { oneLine } from "./words.ts";

/** How the value of a parameter is written (OpenAPI 3.1.1, 4.8.12). */
export interface ParameterStyle {
  /** What stands in the path before the value. */
  readonly before: string;
  /** What stands between the items of a list; undefined where each has the name of the parameter before it. */
  readonly join: string | undefined;
}

/** A text is why a value in this style cannot be sent. */
export function styleOf(parameter: Data, where: string, isList: boolean): ParameterStyle | string {
  const style = textOf(parameter["style"]) || (where === "query" ? "form" : "simple");
  const isExploded = parameter["explode"] === true || (parameter["explode"] === undefined && style === "form");
  const told = `\`style: ${oneLine(style, 20)}\`${isList && isExploded ? " with `explode`" : ""}`;
  return (
    STYLES[where]?.[style]?.(isExploded, literal(encodeURIComponent(textOf(parameter["name"]))), isList) ??
    `${told} is not made here`
  );
}

type Write = (isExploded: boolean, name: string, isList: boolean) => ParameterStyle | undefined;

const simple: Write = () => ({ before: "", join: "," });
/** Only lists have these. */
const delimited =
  (join: string): Write =>
  (isExploded, _name, isList) =>
    isList && !isExploded ? { before: "", join } : undefined;

const STYLES: Readonly<Record<string, Readonly<Record<string, Write>>>> = {
  path: {
    simple,
    label: (isExploded) => ({ before: ".", join: isExploded ? "." : "," }),
    matrix: (isExploded, name, isList) => (isExploded && isList ? undefined : { before: `;${name}=`, join: "," }),
  },
  query: {
    form: (isExploded) => ({ before: "", join: isExploded ? undefined : "," }),
    spaceDelimited: delimited(" "),
    pipeDelimited: delimited("|"),
  },
  header: { simple },
};
