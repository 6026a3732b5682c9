// Files of clients as tests find them: MAP stands for the key of their servers.
import type { Client } from "../../src/setup/client.ts";

export interface Samples {
  /** Texts that come back byte for byte. */
  readonly kept: Readonly<Record<string, string>>;
  /** Texts that are left alone, and why. */
  readonly refused: Readonly<Record<string, readonly [text: string, reason: string]>>;
  /** Texts without servers, and what stays of them when the entry was taken out again. */
  readonly grown: readonly (readonly [text: string, after: string])[];
  /** What stays of a file that was made. */
  readonly made: string;
}

export function samplesOf({ form }: Client): Samples {
  if (form.syntax === "toml") return TOML;
  if (form.syntax === "yaml") return form.isList ? YAML_LIST : YAML_MAP;
  return form.syntax === "jsonc" ? { ...JSON_ONLY, kept: { ...MAPPED, ...COMMENTED }, refused: REFUSED } : JSON_ONLY;
}

export function keyOf({ form }: Client): string {
  return form.map.join(".");
}

/** The map that a file gets which has none. */
function newMap(inner: string): string {
  return `{\n  "MAP": ${inner}\n}\n`;
}

const MAPPED = {
  "an empty map": '{\n  "MAP": {}\n}\n',
  "an empty map over two lines": '{\n  "MAP": {\n  }\n}\n',
  "an empty map with a space": '{\n  "MAP": { }\n}',
  "one line": '{"a":1,"MAP":{"b":{"command":"x"}},"c":[]}',
  "one line with an empty map": '{ "a": 1, "MAP": { } }\n',
  "a map on one line": '{\n  "MAP": { "b": { "command": "x" } },\n  "c": 1\n}\n',
  "a byte order mark": '\uFEFF{\n  "MAP": {}\n}\n',
  CRLF: '{\r\n  "MAP": {\r\n    "b": {\r\n      "command": "x"\r\n    }\r\n  }\r\n}\r\n',
  tabs: '{\n\t"MAP": {\n\t\t"b": { "command": "x" }\n\t},\n\t"c": 1\n}',
  "other members and no final line break":
    '{\n    "z": {"q": [1, 2]},\n    "MAP": {\n        "b": {\n            "command": "x"\n        }\n    }\n}',
};
/** For clients that read comments and trailing commas. */
const COMMENTED = {
  comments:
    '// head\n{\n  "MAP": { // the map\n    // "off": { "command": "y" },\n    "b": { "command": "x" } // about b\n    // "last": {}\n  }\n}\n// foot\n',
  "a map with comments only": '{\n  "MAP": {\n    // "off": {}\n  }\n}\n',
  "a map with a comment on its line": '{ "MAP": { /* none */ } }',
  "a comment that ends the only line": '{ "MAP": { "b": {} // about b\n} }',
  "a trailing comma": '{\n  "MAP": {\n    "b": { "command": "x" }, // about b\n  },\n}\n',
  "a comma on a line of its own": '{\n  "MAP": {\n    "b": 1 // about b\n    , // and the comma\n  }\n}\n',
};
const REFUSED: Samples["refused"] = {
  "a truncated text": ['{\n  "MAP": {\n    "b": {', "an object does not end"],
  "a list for a map": ['{ "MAP": [1, 2] }', "is a list, and an object is expected"],
  "null for a map": ['{ "MAP": null }', "is null, and an object is expected"],
  "a list in all": ["[]", "the whole of it is a list"],
  "two maps": ['{ "MAP": {}, "MAP": {} }', "stands in it more than once"],
  "another kind of entry": ['{ "MAP": { "mcpfier": "x" } }', "is a text, and an object is expected"],
  "a server with a URL": [
    '{ "MAP": { "mcpfier": { "url": "https://example.org" } } }',
    "--name gives this one another name",
  ],
  "no JSON": ["mcp: yes\n", "line 1, column 1"],
};
const JSON_ONLY: Samples = {
  kept: MAPPED,
  refused: {
    ...REFUSED,
    ...Object.fromEntries(
      Object.entries(COMMENTED).map(([what, text]) => [what, [text, /\/[/*]/.test(text) ? "a comment" : ""]] as const),
    ),
  },
  grown: [
    ["", newMap("{}")],
    ["\uFEFF", `\uFEFF${newMap("{}")}`],
    ["\r\n", `\r\n${newMap("{}").replaceAll("\n", "\r\n")}`],
    ["{}", newMap("{}").trimEnd()],
    ['{\n\t"a": 1\n}\n', '{\n\t"a": 1,\n\t"MAP": {}\n}\n'],
  ],
  made: newMap("{}"),
};

const TOML: Samples = {
  kept: {
    nothing: "",
    "a byte order mark alone": "\uFEFF",
    "an empty line": "\n",
    "other settings": 'model = "x"\n\n[profiles.a]\nb = 1\n',
    "other servers": '[MAP.b]\ncommand = "x"\n\n[MAP.b.env]\nA = "1"\n',
    "a table of servers": '[MAP]\nb = { command = "x" }\n',
    "dotted keys": 'MAP.b.command = "x"\n',
    "a byte order mark": '\uFEFF[MAP.b]\ncommand = "x"\n',
    CRLF: '[MAP.b]\r\ncommand = "x"\r\n',
    "no final line break": '[MAP.b]\ncommand = "x"',
    comments: '# head\n[MAP.b] # about b\ncommand = "x" # why\n# [MAP.mcpfier]\n# command = "off"\n',
    "empty lines at its end": "a = 1\n\n\n",
    "a header in a text": 'a = """\n[MAP.mcpfier]\ncommand = "x"\n"""\n',
    "a trailing comma": 'a = [\n  1, # one\n  2,\n]\n[MAP."b c"]\ncommand = "x"\n',
  },
  refused: {
    "a truncated text": ['[MAP.b]\ncommand = "x', "line 2, column"],
    "a number for a map": ["MAP = 1\n", "is a number, and a table is expected"],
    "a list for a map": ['[[MAP]]\nname = "b"\n', "is a list, and a table is expected"],
    "a map in braces": ['MAP = { b = { command = "x" } }\n', "is written in braces"],
    "another kind of entry": ['[MAP]\nmcpfier = "x"\n', "is a text, and a table is expected"],
    "a table twice": ["[MAP.b]\n[MAP.b]\n", "line 2, column"],
    "a server with a URL": ['[MAP.mcpfier]\nurl = "https://example.org"\n', "--name gives this one another name"],
    "no TOML": ["{}\n", "line 1, column 1"],
  },
  grown: [],
  made: "",
};

const YAML_MAP: Samples = {
  kept: {
    "an empty map": "MAP: {}\n",
    "an empty map with a comment": "MAP: {} # none\na: 1\n",
    "an empty map with a space": "a: 1\nMAP: { }\n",
    "other servers": "a: 1\nMAP:\n  b:\n    cmd: x\nc: 2\n",
    "deeper ones": "MAP:\n    b:\n        cmd: x\n        args:\n        - y\n",
    "a byte order mark": "\uFEFFMAP:\n  b: { cmd: x }\n",
    CRLF: "MAP:\r\n  b:\r\n    cmd: x\r\n",
    "no final line break": "MAP:\n  b:\n    cmd: x",
    comments: "# head\nMAP: # servers\n  # off:\n  #   cmd: y\n  b: # about b\n    cmd: x # why\n  # last\n# foot\n",
    braces: "MAP: {b: {cmd: x}}\n",
    "a trailing comma": "MAP: { 'b': {cmd: x}, }\n",
    "a text of lines": "MAP:\n  b:\n    cmd: |\n      MAP:\n        mcpfier: 1\n\na: 1\n",
    "a text that keeps its end": "MAP:\n  b:\n    cmd: |+\n      x\n\n\n",
    anchors: "base: &base { cmd: x }\nMAP:\n  b: *base\n",
    "the start of a document": "---\nMAP:\n  b: 1\n",
  },
  refused: {
    "a truncated text": ["MAP: {b: ", "line 1, column"],
    "a list for a map": ["MAP: [1]\n", "is a list, and a map is expected"],
    "a text for a map": ["MAP: x\n", "is a single value, and a map is expected"],
    "an alias for a map": ["a: &a {}\nMAP: *a\n", "is an alias, and a map is expected"],
    "an anchor at the map": ["MAP: &a\n  b: 1\nc: *a\n", "has an anchor"],
    "an anchor in the entry": [
      "MAP:\n  mcpfier:\n    cmd: &n x\n  b: { cmd: *n }\n",
      "has an anchor or an alias in it",
    ],
    "an anchor at a key of it": ["MAP:\n  mcpfier: { &k cmd: x }\nb: *k\n", "has an anchor or an alias in it"],
    "a carriage return alone": ["# a\r\n# b\rMAP: {}\n", "has a carriage return without a line feed"],
    "an alias in the entry": ["n: &n x\nMAP:\n  mcpfier: { cmd: *n }\n", "has an anchor or an alias in it"],
    "a list in all": ["- a\n", "the whole of it is a list"],
    "two maps": ["MAP: {}\nMAP: {}\n", "line 2, column"],
    "several documents": ["a: 1\n---\nb: 1\n", "several documents"],
    "another kind of entry": ["MAP:\n  mcpfier: x\n", "is a single value, and a map is expected"],
    "a server with a URL": ["MAP:\n  mcpfier:\n    uri: https://example.org\n", "--name gives this one another name"],
    tabs: ["MAP:\n\tb: 1\n", "line 2, column"],
  },
  grown: [
    ["", "MAP: {}\n"],
    ["\uFEFF", "\uFEFFMAP: {}\n"],
    ["# c\r\n", "# c\r\nMAP: {}\r\n"],
    ["a: 1", "a: 1\nMAP: {}"],
    ["MAP:\n", "MAP: {}\n"],
    ["MAP: ~ # none\nb: 1\n", "MAP: {} # none\nb: 1\n"],
  ],
  made: "MAP: {}\n",
};

const HEAD = 'name: mcpfier\nversion: "0.0.1"\nschema: v1\n';
const YAML_LIST: Samples = {
  kept: {
    "an empty list": "name: x\nMAP: []\n",
    "other servers": "MAP:\n  - name: b\n    command: x\nc: 2\n",
    "a list that is not indented": "MAP:\n- name: b\n  command: x\nmodels: []\n",
    "a byte order mark": "\uFEFFMAP:\n  - { name: b }\n",
    CRLF: "MAP:\r\n  - name: b\r\n    command: x\r\n",
    "no final line break": "MAP:\n  - name: b\n    command: x",
    comments: "MAP: # servers\n  # - name: off\n  - name: b # about b\n    command: x\n  # last\n# foot\n",
    brackets: "MAP: [{name: b}]\n",
    "a trailing comma": "MAP: [ {name: b}, ]\n",
    "items that are used": "MAP:\n  - uses: a/b\n  - name: b\n",
  },
  refused: {
    "a truncated text": ["MAP: [{name: ", "line 1, column"],
    "a map for a list": ["MAP: {a: 1}\n", "is a map, and a list is expected"],
    "two entries": ["MAP:\n  - name: mcpfier\n  - name: mcpfier\n", "stands in it more than once"],
    "a server with a URL": [
      "MAP:\n  - name: mcpfier\n    url: https://example.org\n",
      "--name gives this one another name",
    ],
  },
  grown: [
    ["", `${HEAD}MAP: []\n`],
    ["name: x\n", "name: x\nMAP: []\n"],
    ["MAP:\n", "MAP: []\n"],
  ],
  made: `${HEAD}MAP: []\n`,
};
