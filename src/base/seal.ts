import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** Closes data up for those who carry it: they can neither read nor change it. */
export interface Seal {
  /** JSON data as a text of base64url. */
  close(value: unknown): string;
  /** Undefined: it was not closed by this seal, or was changed since. */
  open(text: string): unknown;
}

const ALGORITHM = "aes-256-gcm";
const NONCE = 12;
const TAG = 16;
/** Nothing longer is looked at. */
const LONGEST = 1024 ** 2;

/** With a key of its own, which lives as long as it. */
export function createSeal(): Seal {
  let made: Buffer | undefined;
  const key = (): Buffer => (made ??= randomBytes(32));

  function close(value: unknown): string {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv(ALGORITHM, key(), nonce);
    const body = Buffer.concat([cipher.update(JSON.stringify(value)), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64url");
  }

  function open(text: string): unknown {
    if (text.length > LONGEST) return undefined;
    const bytes = Buffer.from(text, "base64url");
    try {
      const decipher = createDecipheriv(ALGORITHM, key(), bytes.subarray(0, NONCE), { authTagLength: TAG });
      decipher.setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
      const body = Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]);
      return JSON.parse(body.toString()) as unknown;
    } catch {
      return undefined;
    }
  }
  return { close, open };
}
