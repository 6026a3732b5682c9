import type { Finding } from "../checks/check.ts";
import { painter } from "../print.ts";
import { EXIT, type Verb } from "../verb.ts";

const SIGNS = { fine: ["green", "✔"], warning: ["yellow", "▲"], error: ["red", "✖"] } as const;

export const doctor: Verb = {
  name: "doctor",
  summary: "tell what this machine can and cannot do, and what to do about it",
  example: "mcpfier doctor",
  declare: (parser) => {
    parser.option("--json", "print the findings as JSON");
  },
  run: async (context, _words, options) => {
    // They bring the client of engines, which no other start needs.
    const { checks } = await import("../checks/registry.ts");
    const findings: Finding[] = [];
    for (const check of checks) findings.push(...(await check(context)));
    if (options["json"] === true) context.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
    else {
      const paint = painter(context, context.stdout);
      const width = Math.max(...findings.map(({ name }) => name.length));
      for (const { status, name, text, mend } of findings) {
        const [style, sign] = SIGNS[status];
        context.stdout.write(`${paint(style, sign)} ${name.padEnd(width)}  ${text}\n`);
        if (mend !== "") context.stdout.write(`  ${" ".repeat(width)}  ${mend}\n`);
      }
    }
    return findings.some(({ status }) => status === "error") ? EXIT.findings : EXIT.fine;
  },
};
