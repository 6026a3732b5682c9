import type { Template } from "../command/template.ts";

type State = "text" | "tag" | "double" | "single" | "comment" | "cdata" | "declaration";

/** Where each state of XML ends, and what follows it; the first that comes counts. */
const STEPS: Readonly<Record<State, readonly (readonly [sign: string, next: State])[]>> = {
  text: [
    ["<!--", "comment"],
    ["<![CDATA[", "cdata"],
    ["<!", "declaration"],
    ["<?", "declaration"],
    ["<", "tag"],
  ],
  tag: [
    ['"', "double"],
    ["'", "single"],
    [">", "text"],
  ],
  double: [['"', "tag"]],
  single: [["'", "tag"]],
  comment: [["-->", "text"]],
  cdata: [["]]>", "text"]],
  declaration: [[">", "text"]],
};

/**
 * What is wrong with the places of XML that is written out, and what to do; undefined: each stands in text or in a quoted
 * attribute, where an escaped value cannot become anything else.
 */
export function markupFault(template: Template): readonly [message: string, hint: string] | undefined {
  let state: State = "text";
  for (const part of template) {
    if (typeof part === "string") state = stateAfter(part, state);
    else if (state !== "text" && state !== "double" && state !== "single")
      return [
        `"${part.param}" stands where XML has ${WHERE[state]}, and a value could become something else there`,
        "put it between two tags, or into a quoted attribute",
      ];
  }
  return state === "text" ? undefined : [`the XML ends inside ${WHERE[state]}`, "close it"];
}

const WHERE: Readonly<Record<State, string>> = {
  text: "text",
  tag: "a tag",
  double: "an attribute",
  single: "an attribute",
  comment: "a comment",
  cdata: "a CDATA section",
  declaration: "a declaration",
};

function stateAfter(text: string, before: State): State {
  let state = before;
  let rest = text;
  for (;;) {
    const [next] = STEPS[state]
      .map(([sign, to]) => ({ at: rest.indexOf(sign), sign, to }))
      .filter(({ at }) => at >= 0)
      .toSorted((a, b) => a.at - b.at || b.sign.length - a.sign.length);
    if (!next) return state;
    rest = rest.slice(next.at + next.sign.length);
    state = next.to;
  }
}
