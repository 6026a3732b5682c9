import { createRedactor } from "../base/secret.ts";
import { plainText } from "../base/text.ts";

/** Makes text as a model may read it. */
export type Cleaner = (text: string) => string;

/**
 * Secrets were taken out of the bytes; but where sequences are removed, and escapes of JSON and doubled quotes are undone,
 * the parts of one may come together, so that they are looked for once more.
 */
export function createCleaner(secrets: readonly string[]): Cleaner {
  if (secrets.length === 0) return plainText;
  const redactor = createRedactor(secrets);
  return (text) => {
    const plain = Buffer.from(plainText(text));
    return Buffer.concat([redactor.write(plain), redactor.end()]).toString();
  };
}
