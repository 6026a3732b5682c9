import type { JsonSchema } from "../command/command.ts";
import { schemaErrors, validatorOf } from "../command/validator.ts";
import type { Draft } from "./draft.ts";
import { type MappingNode, toValue } from "./node.ts";
import { cleanSchema } from "./param-schema.ts";
import { describe } from "./schema.ts";
import { checkSchemaWords } from "./schema-words.ts";

/** Reads `output.schema`; null where no result can be checked against it, which is reported. */
export function readOutputSchema(draft: Draft, node: MappingNode): JsonSchema | null {
  const written = toValue(node) as JsonSchema;
  const isSchema = checkIsSchema(draft, node, written);
  if (!checkSchemaWords(draft, node) || !isSchema) return null;
  try {
    const schema = cleanSchema(written);
    validatorOf(schema);
    return schema;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return draft.error(node, "schema-invalid", `no result can be checked against this schema: ${reason}`);
  }
}

/** One problem a place: the validator tells of every branch that does not fit. */
function checkIsSchema(draft: Draft, node: MappingNode, written: JsonSchema): boolean {
  const told = new Set<string>();
  const errors = schemaErrors(written);
  for (const error of errors) {
    const finding = describe(error, node);
    if (!finding || told.has(error.instancePath)) continue;
    told.add(error.instancePath);
    draft.error(finding.range, finding.rule, finding.message, finding.hint);
  }
  return errors.length === 0;
}
