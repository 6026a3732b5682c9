// Configuration files as people and programs write them, and as nobody should.
import fc from "fast-check";

type Text = fc.Arbitrary<string>;

function joined(parts: fc.Arbitrary<readonly string[]>, separator = ""): Text {
  return parts.map((each) => each.join(separator));
}

/** Keys that differ; the one of our own entry is not among them. */
function keys(most: number, kinds: Text): fc.Arbitrary<readonly string[]> {
  return fc.uniqueArray(kinds, { maxLength: most, selector: (key) => key.replaceAll(/["']/g, "") });
}

function ended(text: Text): Text {
  return fc.tuple(text, fc.constantFrom("\n", "\r\n"), fc.boolean()).map(([written, eol, isEnded]) => {
    const whole = written.replaceAll(/\r?\n/g, eol);
    return isEnded ? whole : whole.replace(/(?:\r?\n)+$/, "");
  });
}

// JSON

/** Values as their parts: the tokens, and `null` wherever white space and comments may stand. */
type Tokens = readonly (string | null)[];

const jsonKey = fc.oneof(
  fc.constantFrom("a", "b", "mcpServers", "command", "env", "__proto__", "/*", "//", "é\u2028"),
  fc.string({ maxLength: 4 }),
);
const scalar: fc.Arbitrary<Tokens> = fc.oneof(
  fc
    .constantFrom("1", "-0.5e9", "true", "null", '"// no comment"', String.raw`"a \" b \\"`, '"{,}"')
    .map((text) => [text]),
  fc.string({ maxLength: 6 }).map((text) => [JSON.stringify(text)]),
);

function listOf(items: readonly Tokens[], [open, close]: readonly [string, string], isTrailing: boolean): Tokens {
  const inner = items.flatMap((item, index) => (index > 0 ? [null, ",", null, ...item] : item));
  return [open, null, ...inner, ...(isTrailing && items.length > 0 ? [null, ","] : []), null, close];
}

function objectOf(members: readonly (readonly [string, Tokens])[], isTrailing: boolean): Tokens {
  const items = members.map(([name, tokens]): Tokens => [JSON.stringify(name), null, ":", null, ...tokens]);
  return listOf(items, ["{", "}"], isTrailing);
}

interface Values {
  readonly value: fc.Arbitrary<Tokens>;
  readonly object: fc.Arbitrary<Tokens>;
}

function valuesOf(mayTrail: boolean): Values {
  return fc.letrec<{ value: Tokens; object: Tokens }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      scalar,
      tie("object"),
      fc
        .tuple(fc.array(tie("value"), { maxLength: 3 }), fc.boolean())
        .map(([items, isTrailing]) => listOf(items, ["[", "]"], isTrailing && mayTrail)),
    ),
    object: fc
      .tuple(
        fc.uniqueArray(fc.tuple(jsonKey, tie("value")), { maxLength: 4, selector: ([name]) => name }),
        fc.boolean(),
      )
      .map(([members, isTrailing]) => objectOf(members, isTrailing && mayTrail)),
  }));
}

const jsonTrivia = fc.array(
  fc.constantFrom(
    "",
    " ",
    "\t",
    "EOL",
    "EOL  ",
    "EOL\t",
    "EOLEOL",
    "/* c */",
    "/**/",
    "// lineEOL",
    "/* two EOL lines */",
  ),
  { maxLength: 3 },
);

/** A text with an object at its top, whose map of servers may be missing, among others of any kind. */
function jsonWith(white: fc.Arbitrary<readonly string[]>, mayTrail: boolean): Text {
  const { value, object } = valuesOf(mayTrail);
  return fc
    .record({
      before: fc.uniqueArray(fc.tuple(jsonKey, value), { maxLength: 3, selector: ([name]) => name }),
      map: fc.option(object),
      after: fc.uniqueArray(fc.tuple(jsonKey, value), { maxLength: 2, selector: ([name]) => name }),
      isTrailing: mayTrail ? fc.boolean() : fc.constant(false),
      spaces: fc.array(white, { minLength: 1, maxLength: 40 }),
      eol: fc.constantFrom("\n", "\r\n"),
    })
    .map(({ before, map, after, isTrailing, spaces, eol }) => {
      const others = new Map([...before, ...after].filter(([name]) => name !== "mcpServers"));
      const names = new Set(before.map(([name]) => name));
      const [first, last] = [
        [...others].filter(([name]) => names.has(name)),
        [...others].filter(([name]) => !names.has(name)),
      ];
      const members: (readonly [string, Tokens])[] = [
        ...first,
        ...(map ? [["mcpServers", map] as const] : []),
        ...last,
      ];
      let at = 0;
      const tokens = [null, ...objectOf(members, isTrailing), null];
      const text = tokens
        .map((token) => token ?? (spaces[at++ % spaces.length] ?? []).join("").replaceAll("EOL", eol))
        .join("");
      return text;
    });
}

export const jsonc = jsonWith(jsonTrivia, true);

const blank = fc.array(fc.constantFrom("", " ", "\t", "EOL", "EOL  ", "EOLEOL"), { maxLength: 3 });
export const json = jsonWith(blank, false);

// TOML

const tomlScalar = fc.constantFrom(
  "1",
  "-0.5e9",
  "0xff",
  "9223372036854775807",
  "true",
  "inf",
  "1979-05-27T07:32:00Z",
  "07:32:00",
  '"a # b"',
  "'c:\\d'",
  String.raw`"\u00e9 \" [mcp_servers.mcpfier]"`,
  '"""\n[mcp_servers.mcpfier]\ncommand = "x"\n"""',
  "'''\n[mcp_servers]\n\nmcpfier = 1 # no comment'''",
  "[1, 2]",
  '[\n  "a", # one\n  "b",\n  # two\n]',
  "{}",
  '{ a = 1, "b c" = [{ d = "]" }] }',
);
const tomlKey = fc.constantFrom("a", "b-1", '"c d"', "'e.f'", "1234", '"é"', '""', '"mcp_servers.x"', "env", "command");
const tomlPair = fc
  .tuple(fc.constantFrom("", "  ", "\t"), tomlScalar, fc.constantFrom("", " # c", " # [mcp_servers.mcpfier]"))
  .map(([indent, value, comment]) => ({ indent, value, comment }));
const tomlBody = fc
  .tuple(keys(3, tomlKey), fc.array(tomlPair, { minLength: 3, maxLength: 3 }), fc.boolean())
  .map(([names, pairs, isDotted]) =>
    names
      .map((name, index) => {
        const { indent = "", value = "1", comment = "" } = pairs[index] ?? {};
        return `${indent}${isDotted ? `${name}.x` : name} = ${value}${comment}\n`;
      })
      .join(""),
  );
const tomlHeader = fc.constantFrom(
  "[t1]",
  "[ t2 . 'x y' ]  # c",
  "[mcp_servers.other]",
  '[mcp_servers."a.b"]',
  "[mcp_servers.other2.env]",
  "[[list]]",
  "[[list.of]]",
  "\t[profiles.mcpfier]",
  "[mcp_servers_old.mcpfier]",
);
const tomlTrivia = fc.constantFrom("", "\n", "# c\n", "\n# [mcp_servers.mcpfier]\n\n", "   \n", "\n\n");
const tomlTable = fc
  .tuple(tomlTrivia, tomlHeader, tomlBody)
  .map(([trivia, header, body]) => `${trivia}${header}\n${body}`);
/** Ways in which somebody else may have written of servers, and of ours. */
const tomlServers = fc.constantFrom(
  "",
  "",
  "",
  "mcp_servers.dotted.command = 'x'\n",
  'mcp_servers.mcpfier = { command = "old", disabled = true }\n',
  'mcp_servers.mcpfier.command = "old"\nmcp_servers.mcpfier.env.A = "b"\n',
  'mcp_servers = { x = { command = "y" } }\n',
  "mcp_servers = 1\n",
);
const tomlOurs = fc.constantFrom(
  "",
  "",
  "",
  '[mcp_servers.mcpfier]\ncommand = "old" # mine\nargs = [\n "x",\n]\n',
  "[mcp_servers.'mcpfier'.env]\nA = 'secret'\n",
  "[mcp_servers]\nmcpfier = { command = 'old' }\n",
  "[[mcp_servers]]\nname = 'x'\n",
);

export const toml: Text = ended(
  fc
    .tuple(
      tomlTrivia,
      tomlServers,
      tomlBody,
      fc.uniqueArray(tomlTable, { maxLength: 3, selector: headerOf }),
      tomlOurs,
      tomlTrivia,
      fc.nat(),
    )
    .map(([head, servers, body, tables, ours, foot, at]) => {
      const all = ours === "" ? tables : tables.toSpliced(at % (tables.length + 1), 0, ours);
      return [head, servers, body, ...all.filter((table) => mayFollow(servers, table, all)), foot].join("");
    }),
);

/** What is defined is not opened once more, or most texts would be no TOML. */
function mayFollow(servers: string, table: string, all: readonly string[]): boolean {
  const [header, ...others] = [table, ...all.filter((each) => each !== table)].map(headerOf);
  const isOfServers = (each = ""): boolean => /^\[+mcp_servers[.\]]/.test(each);
  if (!header || !isOfServers(header)) return true;
  if (servers === "") return !header.startsWith("[[") || !others.some(isOfServers);
  const isOpen = servers.startsWith("mcp_servers.") && !header.includes("mcp_servers]");
  return isOpen && !(servers.includes("mcpfier") && header.includes("mcpfier"));
}

function headerOf(table: string): string {
  return /^\s*(\[.*)$/m.exec(table.replaceAll(/^#.*$/gm, ""))?.[1] ?? table;
}

// YAML

const yamlScalar = fc.constantFrom(
  "1",
  "true",
  "",
  "null",
  "~",
  "plain text",
  "a: b".replace(": ", ":"),
  '"x # y"',
  "'it''s'",
  '"\\u00e9 extensions: {"',
  "[a, {b: c}, 'd # e']",
  "{ a: 1, b: [2] }",
  "!!str 1",
  "2026-11-21",
  "0o17",
);
/** Over several lines, below a key at some depth. */
function yamlDeep(indent: string): Text {
  return fc.constantFrom(
    ` |\n${indent}  extensions:\n${indent}    mcpfier: 1\n`,
    ` >-\n${indent}  folded\n\n${indent}  # no comment\n`,
    ` |+\n${indent}  kept\n\n\n`,
    ` |2\n${indent}    deeper\n`,
    `\n${indent}  a: 1\n${indent}  b:\n${indent}    - c # d\n${indent}    - e: f\n${indent}      g: h\n`,
    `\n${indent}- one\n${indent}- two\n`,
    ` "over\n${indent}  lines"\n`,
    ` plain\n${indent}  over lines\n`,
    ` {\n${indent}  a: 1,\n${indent}  b: 2 }\n`,
  );
}
const yamlKey = fc.constantFrom("a", "b c", "'q'", '"d: e"', "GOOSE_MODE", "extensions2", "1", "true", "é", "mcpfier");

function yamlPair(indent: string): Text {
  return fc
    .tuple(
      yamlKey,
      fc.oneof(
        fc
          .tuple(yamlScalar, fc.constantFrom("", " # c", "   # extensions:"))
          .map(([value, comment]) => ` ${value}${comment}\n`),
        yamlDeep(indent),
      ),
    )
    .map(([key, value]) => `${indent}${key}:${value}`);
}

const yamlTrivia = (indent: string): Text =>
  fc.constantFrom("", "", "\n", `${indent}# c\n`, "# left\n", `\n${indent}# mcpfier: off\n\n`);

function yamlMap(indent: string, most: number, least = 0): Text {
  return joined(
    fc
      .uniqueArray(fc.tuple(yamlTrivia(indent), yamlPair(indent)), {
        minLength: least,
        maxLength: most,
        selector: ([, pair]) => /^\s*([^:]*)/.exec(pair)?.[1]?.replaceAll(/["']/g, ""),
      })
      .map((all) => all.map(([trivia, pair]) => `${trivia}${pair}`)),
  );
}

const yamlOthers = (indent: string): Text => yamlMap(indent, 2, 1).filter((text) => !/^\s*mcpfier:/m.test(text));

const yamlExtensions: Text = fc.oneof(
  { weight: 2, arbitrary: fc.constant("") },
  fc.constantFrom(
    "extensions:\n",
    "extensions: {}\n",
    "extensions: {} # none\n",
    "extensions: { }\n",
    "extensions: ~\n",
    "extensions: # c\n",
  ),
  { weight: 3, arbitrary: yamlOthers("  ").map((inner) => `extensions:\n${inner}`) },
  yamlOthers("    ").map((inner) => `'extensions':  # c\n${inner}`),
  fc.constantFrom(
    "extensions: {a: 1}\n",
    'extensions: { "a": {b: 1}, }\n',
    "extensions: [1]\n",
    "extensions: text\n",
    "extensions: &e\n  a: 1\n",
    "extensions: *base\n",
    "extensions:\n  mcpfier:\n    enabled: false\n    cmd: old # mine\n    args:\n      - x\n    envs: { A: b }\n  z: 1\n",
    "extensions:\n  z: 1\n  mcpfier: {type: stdio, cmd: 'old', args: []}\n",
    "extensions:\n  'mcpfier':\n    cmd: |\n      /old\n",
    "extensions:\n  mcpfier: text\n",
    "extensions:\n  ? complex\n  : 1\n",
    "extensions: { a: 1,\n  mcpfier: {cmd: x}, b: 2 }\n",
    "extensions:\n  mcpfier:\n    cmd: &node /old\n    args: []\n  z:\n    cmd: *node\n",
    "extensions:\n  mcpfier: { cmd: x, &k envs: &e }\n  z: { *k : *e }\n",
    "extensions:\n  mcpfier:\n    cmd: x\n    args:\n      - &deep a\n  z: { args: [*deep] }\n",
    "extensions:\n  z: &z { cmd: y }\n  mcpfier:\n    <<: *z\n    envs: { A: b }\n",
  ),
);

export const yaml: Text = ended(
  fc
    .tuple(
      fc.constantFrom("", "", "# head\n", "---\n", "%YAML 1.2\n---\n", "base: &base { a: 1 }\n"),
      yamlMap("", 2),
      yamlExtensions,
      yamlMap("", 1),
      fc.constantFrom("", "", "# foot\n", "\n\n", "...\n", "---\nb: 1\n"),
    )
    .map(([head, before, extensions, after, foot]) => `${head}${before}${extensions}${again(before, after)}${foot}`),
);

/** What does not say a key twice. */
function again(before: string, after: string): string {
  const [key = ""] = /^[^:\n]*(?=:)/m.exec(after.replaceAll(/^\s*#.*$/gm, "")) ?? [];
  return key !== "" && before.includes(`${key}:`) ? "" : after;
}

/** A text with one piece of it replaced by a sign that means something. */
export function damaged(text: Text): Text {
  const signs = fc.constantFrom(
    "",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "'",
    "#",
    "\n",
    "\t",
    "\\",
    "0",
    "- ",
    "&a ",
    "*a",
    "|\n",
    "=",
    '"""',
    "\u0000",
    "\u2028",
  );
  return fc.tuple(text, fc.nat(), fc.nat({ max: 8 }), signs).map(([whole, at, length, sign]) => {
    const place = at % (whole.length + 1);
    return whole.slice(0, place) + sign + whole.slice(place + length);
  });
}
