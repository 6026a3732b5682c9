import catalogueSchema from "../../schemas/mcpfier.schema.json" with { type: "json" };
import { type MappingNode, type Node, child } from "./node.ts";
import type { Report } from "./report.ts";
import type { Source } from "./source.ts";

/** What the schema says of a key besides its kind; every key has a description. */
interface Words {
  readonly description: string;
  /** The key is of the language, and this version does not carry it out; says what it would be. */
  readonly "x-unsupported"?: string;
  /** The key is of the original MCPFier, and is read and not used; says why. */
  readonly "x-legacy"?: string;
}

type Properties = Readonly<Record<string, Words>>;

const { definitions } = catalogueSchema;

/** Reports every key that this version knows and does not carry out: never silence. */
export function reportReserved(source: Source, root: Node, report: Report): void {
  const defaults = child(root, "defaults");
  const commands = child(root, "commands");
  const all = commands?.kind === "sequence" ? commands.items : [];
  check(root, catalogueSchema.properties);
  check(defaults, definitions.defaults.properties);
  check(defaults && child(defaults, "output"), definitions.output.properties);
  for (const command of all) {
    check(command, definitions.command.properties);
    check(child(command, "output"), definitions.output.properties);
  }

  function check(node: Node | undefined, properties: Properties): void {
    if (node?.kind === "mapping") checkMapping(node, properties);
  }

  function checkMapping(node: MappingNode, properties: Properties): void {
    for (const [name, { key }] of node.entries) {
      const words = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (words?.["x-unsupported"] !== undefined) {
        const message = `\`${name}\` is not supported yet: ${words["x-unsupported"]}`;
        report.error(source, key, "not-supported", message, "remove it");
      }
      if (words?.["x-legacy"] !== undefined) {
        const message = `\`${name}\` of the original MCPFier is read, and ${words["x-legacy"]}`;
        report.warn(source, key, "legacy", message);
      }
    }
  }
}
