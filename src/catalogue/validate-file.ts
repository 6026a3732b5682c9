import { Ajv, type AnySchemaObject, type ValidateFunction } from "ajv";
import catalogueSchema from "../../schemas/mcpfier.schema.json" with { type: "json" };

/** How the schema's validator is made, here and ahead of time: `scripts/build.ts` puts the finished code in this module's place. */
export const AJV_OPTIONS = {
  allErrors: true,
  strict: false,
  verbose: true,
  validateSchema: false,
  logger: false,
} as const;

/** Checks the value of a catalogue file; the problems stand in `errors`. */
export const validateFile: ValidateFunction = new Ajv(AJV_OPTIONS).compile(catalogueSchema as AnySchemaObject);
