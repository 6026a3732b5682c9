import type { Call } from "./call.ts";

/** Tells those who watch a call what becomes of it; the result does not hold it. */
export function notify({ watch }: Call, text: string): void {
  void tell();
  async function tell(): Promise<void> {
    try {
      await watch.stderr(Buffer.from(`mcpfier: ${text}\n`));
    } catch {
      // Nobody watches any more.
    }
  }
}
