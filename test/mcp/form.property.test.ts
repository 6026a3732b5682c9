import { ElicitRequestFormParamsSchema } from "@modelcontextprotocol/sdk/types.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { schemaOfForm } from "../../src/mcp/form.ts";
import { load } from "../rig.ts";

/** `$` stands for the environment. */
const text = fc.string().map((any) => any.replaceAll("$", ""));
const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,5}$/), { minLength: 1, maxLength: 4 });
const bounds = (low: string, high: string) =>
  fc.record({ [low]: fc.nat(5), [high]: fc.integer({ min: 6, max: 9 }) }, { requiredKeys: [] });
const titled = names.chain((all) =>
  fc.tuple(...all.map((value) => fc.record({ const: fc.constant(value), title: text }, { requiredKeys: ["const"] }))),
);

/** What a form can show, in all its spellings. */
const parameter = fc
  .oneof(
    bounds("minLength", "maxLength").map((more) => Object.assign({ type: "string" }, more)),
    fc.constantFrom("email", "uri", "date", "date-time", "uuid").map((format) => ({ type: "string", format })),
    fc.constantFrom("path", "boolean").map((type) => ({ type })),
    fc
      .tuple(fc.constantFrom("integer", "number"), bounds("minimum", "maximum"))
      .map(([type, more]) => Object.assign({ type }, more)),
    fc
      .tuple(fc.constantFrom("integer", "number"), bounds("exclusiveMinimum", "exclusiveMaximum"))
      .map(([type, more]) => Object.assign({ type: [type, "null"] }, more)),
    names.map((all) => ({ enum: all, default: all[0] })),
    titled.map((oneOf) => ({ type: "string", oneOf })),
    fc
      .tuple(names, bounds("minItems", "maxItems"))
      .map(([all, more]) => Object.assign({ type: "array", items: { enum: all } }, more)),
    titled.map((anyOf) => ({ type: "array", items: { anyOf } })),
  )
  .chain((schema) =>
    fc
      .record({ title: text, description: text, required: fc.boolean() }, { requiredKeys: [] })
      .map((words) => Object.assign(words, schema)),
  );

test("Every form holds the words of the protocol only, as its own library reads them", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(parameter, { minLength: 1, maxLength: 4 }), async (parameters) => {
      const params = Object.fromEntries(parameters.map((each, index) => [`p${index}`, each]));
      const command = { name: "a", description: "d", run: ["true"], params, ask: Object.keys(params) };
      const { catalogue, problems } = await load(JSON.stringify({ commands: [command] }));
      expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
      const fields = catalogue?.commands[0]?.ask ?? [];
      expect(fields.map(({ name }) => name)).toEqual(Object.keys(params));
      const hasMany = fields.some(({ input }) => input.kind === "choices");
      for (const revision of ["2025-06-18", "2025-11-25", "2026-07-28"]) {
        const requestedSchema = schemaOfForm(fields, revision);
        expect(requestedSchema === null).toBe(hasMany && revision === "2025-06-18");
        if (!requestedSchema) continue;
        const form = { message: "m", requestedSchema };
        expect(ElicitRequestFormParamsSchema.parse(form)).toEqual(form);
      }
    }),
    { numRuns: 60 },
  );
});
