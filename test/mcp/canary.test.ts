import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formsOf } from "../../src/base/secret-forms.ts";
import { folder, mcpfier } from "../rig.ts";
import { type Message, raw } from "./raw.ts";

/** With characters that every encoding writes otherwise. */
const CANARY = 'canary/7f3a+"e91c" ~b2d8';

const FORMS: Readonly<Record<string, string>> = {
  plain: CANARY,
  json: JSON.stringify(CANARY).slice(1, -1),
  url: encodeURIComponent(CANARY),
  form: encodeURIComponent(CANARY).replaceAll("%20", "+"),
  hex: Buffer.from(CANARY).toString("hex"),
  base64: Buffer.from(CANARY).toString("base64"),
  base64url: Buffer.from(CANARY).toString("base64url"),
  // Behind a name, as in the header of HTTP's basic authentication.
  basic: Buffer.from(`user:${CANARY}`).toString("base64"),
};

/** Long enough for every encoding to be wrapped. */
const LONG = `-----BEGIN-----\n${"k9Zq7fRt/Xw2+LmB\n".repeat(12)}-----END-----`;

/** Shell lines that print a secret so that it is in one piece only for who removes what stands between. */
const SPLITS: Readonly<Record<string, string>> = {
  colour: `s="$KEEP"; printf '%s\\033[0m%s\\n' "\${s%b2d8}" b2d8`,
  title: `s="$KEEP"; printf '%s\\033]0;any\\007%s\\n' "\${s%b2d8}" b2d8`,
  hidden: `s="$KEEP"; printf '%s\\342\\200\\213%s\\n' "\${s%b2d8}" b2d8`,
  utf16: `printf %s "$KEEP" | iconv -t UTF-16LE`,
  base64: `printf %s "$LONG" | base64`,
  hex: `printf %s "$LONG" | od -An -v -tx1 | tr -d ' '`,
  fold: `printf %s "$LONG" | fold -w 11`,
  indent: `printf %s "$LONG" | sed 's/^/  /'`,
  line: `printf %s "$LONG" | tr '\\n' ' '`,
};

/** What is looked for: of the last the part that no neighbour changes. */
const NEEDLES = { ...FORMS, basic: FORMS["basic"]?.slice(8, -4) ?? "" };

const PRINT = `process.stdout.write("begin " + process.env.FORM.slice(0, 9));
setTimeout(() => { process.stdout.write(process.env.FORM.slice(9) + " end\\n"); process.stderr.write(process.env.FORM + "\\n"); process.exitCode = Number(process.env.CODE ?? 0); }, 150);`;

const CATALOGUE = `
commands:
${Object.entries(FORMS)
  .map(
    ([name]) => `  - name: print_${name}
    description: Prints it in two pieces.
    run: [node, -e, ${JSON.stringify(PRINT)}]
    env: { PATH: "\${NODE_FOLDER}", FORM: "\${FORM_${name}}", KEEP: "\${CANARY_TOKEN}" }
    output: { stderr: show, max: 256B }`,
  )
  .join("\n")}
  - name: fail
    description: Fails with it.
    run: [node, -e, ${JSON.stringify(PRINT)}]
    env: { PATH: "\${NODE_FOLDER}", FORM: "\${CANARY_TOKEN}", CODE: "3" }
  - name: argument
    description: Takes it.
    run: [echo, --, "\${{ token }}"]
    params: { token: { type: string, secret: true, required: true, maxLength: 5 } }
  - name: place
    description: Looks for it.
    run: [cat, --, "\${{ file }}"]
    params: { file: { type: path, required: true, secret: true } }
${Object.entries(SPLITS)
  .map(
    ([name, line]) => `  - name: split_${name}
    description: Prints it in parts.
    shell: bash
    run: ${JSON.stringify(line)}
    env: { KEEP: "\${CANARY_TOKEN}", LONG: "\${LONG_SECRET}" }
    output: { max: 256B }`,
  )
  .join("\n")}
  - { name: nowhere, description: Runs nowhere., run: ["true"], cwd: "/nowhere/\${CANARY_TOKEN}" }
  - { name: missing, description: Is not there., run: ["/nowhere/\${CANARY_TOKEN}"] }
  - { name: shell, description: Fails in a shell., shell: sh, run: 'ls "$KEEP"; exit 1', env: { KEEP: "/\${CANARY_TOKEN}" } }
`;

/** Every file below a folder, as text. */
function texts(path: string): string {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");
}

function expectClean(what: string, text: string): void {
  for (const [name, form] of Object.entries(NEEDLES)) {
    expect(text.includes(form), `${what} holds the canary as ${name}`).toBe(false);
    expect(text.includes(JSON.stringify(form).slice(1, -1)), `${what} holds the canary as ${name}, in JSON`).toBe(
      false,
    );
  }
}

describe("a secret of the environment", () => {
  const env = {
    CANARY_TOKEN: CANARY,
    LONG_SECRET: LONG,
    NODE_FOLDER: join(process.execPath, ".."),
    ...Object.fromEntries(Object.entries(FORMS).map(([name, form]) => [`FORM_${name}`, form])),
  };

  test("is in no result, progress, log, record, dry run, list or error, whatever its encoding and wherever it is cut", async () => {
    const state = folder();
    const session = await raw(
      CATALOGUE,
      {},
      { args: ["--log-level", "debug"], env: { ...env, XDG_STATE_HOME: state } },
    );
    const requests: [tool: string, args: object][] = [
      ...Object.keys(FORMS).map((name): [string, object] => [`print_${name}`, {}]),
      ["fail", {}],
      ["argument", { token: CANARY }],
      ["place", { file: CANARY }],
      ["place", { file: `/etc/${CANARY}` }],
      ["nowhere", {}],
      ["missing", {}],
      ["shell", {}],
    ];
    session.send({ id: "level", method: "logging/setLevel", params: { level: "debug" } });
    let id = 1;
    const answers: Message[] = [];
    for (const [tool, args] of requests) {
      session.call(id, tool, args, { progressToken: `p${id}` });
      session.call(id + 1, tool, args, { "mcpfier/dryRun": true });
      answers.push(await session.answer(id), await session.answer(id + 1));
      id += 2;
    }
    for (const answer of answers) {
      const call = answer.result?._meta?.["mcpfier/call"]?.["id"];
      for (const stream of ["stdout", "stderr"]) {
        session.send({ id, method: "resources/read", params: { uri: `mcpfier://calls/${String(call)}/${stream}` } });
        await session.answer(id++);
      }
    }
    session.send({ id, method: "tools/list" });
    await session.answer(id);
    await session.end();
    const told = session.messages();
    expect(JSON.stringify(told)).toContain("[redacted]");
    expect(told.some(({ method }) => method === "notifications/progress")).toBe(true);
    expect(told.some(({ method }) => method === "notifications/message")).toBe(true);
    expect(told.filter(({ result }) => result?.["contents"]).length).toBeGreaterThan(8);
    for (const message of told)
      expectClean(`answer or note ${JSON.stringify(message).slice(0, 300)}`, JSON.stringify(message));
    expectClean("the log", session.stderr());
    expect(texts(state)).toContain("[redacted]");
    expectClean("a record on disk", texts(state));
  });

  test.each(Object.keys(SPLITS))(
    "is in no result, part, match, resource or record when it is printed in parts (%s)",
    async (name) => {
      const state = folder();
      const session = await raw(CATALOGUE, {}, { env: { ...env, XDG_STATE_HOME: state } });
      session.call(1, `split_${name}`, {});
      const { result } = await session.answer(1);
      const call = String(result?._meta?.["mcpfier/call"]?.["id"]);
      const uri = `mcpfier://calls/${call}/stdout`;
      session.call(2, "mcpfier_read_output", { call });
      session.call(3, "mcpfier_read_output", { call, grep: "." });
      session.send({ id: 4, method: "resources/read", params: { uri } });
      session.send({ id: 5, method: "resources/read", params: { uri: `${uri}?grep=.` } });
      const told = [result, ...(await Promise.all([2, 3, 4, 5].map(async (id) => (await session.answer(id)).result)))];
      await session.end();
      for (const text of told.map((each) => JSON.stringify(each))) {
        expect(text).toContain("[redacted]");
        for (const form of [CANARY, LONG, "k9Zq7fRt/Xw2", ...Object.values(NEEDLES)].flatMap(formsOf))
          expect(text.includes(JSON.stringify(form).slice(1, -1)), `${text} holds ${form}`).toBe(false);
      }
    },
  );

  test("is in nothing that the command line prints beside the command's own output", async () => {
    const cwd = folder({ "mcpfier.yaml": CATALOGUE });
    for (const words of [["dry-run"], ["list", "--json"], ["validate"], ["nowhere"], ["missing"], ["print_plain"]]) {
      const ran = await mcpfier(words, { cwd, env });
      expectClean(words.join(" "), ran.stdout + ran.stderr);
    }
  });
});
