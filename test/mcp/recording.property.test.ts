import fc from "fast-check";
import { expect, it } from "vitest";
import { createRecording } from "../../src/mcp/recording.ts";

type Message = Parameters<ReturnType<typeof createRecording>["add"]>[0];

const SAID: Readonly<Record<string, (at: number, text: string) => Message>> = {
  note: (_at, text) => ({ jsonrpc: "2.0", method: "notifications/message", params: { text } }),
  ask: (id, text) => ({ jsonrpc: "2.0", id, method: "elicitation/create", params: { text } }),
  answer: (id, text) => ({ jsonrpc: "2.0", id, result: { text } }),
  error: (id, message) => ({ jsonrpc: "2.0", id, error: { code: -32603, message } }),
};

const kinds = fc.array(fc.tuple(fc.constantFrom(...Object.keys(SAID)), fc.integer({ min: 0, max: 20_000 })), {
  maxLength: 300,
});

it("what comes after an event is told in its order, every answer with it, and what is not is counted", () => {
  fc.assert(
    fc.property(kinds, fc.nat(300), (said, from) => {
      const recording = createRecording((number) => `e-${number}`);
      const texts = said.map(([kind, length], at) => recording.add(SAID[kind]?.(at, "x".repeat(length)) as Message));
      const after = Math.min(from, said.length);
      const { events, leftOut } = recording.after(after);
      const left = new Set(events);
      expect(events).toEqual(texts.slice(after).filter((text) => left.has(text)));
      expect(events.length + leftOut).toBe(said.length - after);
      const answers = texts.filter((_text, at) => at >= after && /answer|error/.test(said[at]?.[0] ?? ""));
      expect(answers.every((text) => left.has(text))).toBe(true);
      // Whatever comes: 64 KiB of notifications, 1 MiB of what asks.
      const all = texts
        .filter((_text, at) => /answer|error/.test(said[at]?.[0] ?? ""))
        .map(String)
        .join("");
      expect(recording.size() - all.length).toBeLessThanOrEqual(64 * 1024 + 1024 * 1024);
      expect([recording.last(), recording.after(said.length)]).toEqual([said.length, { events: [], leftOut: 0 }]);
    }),
    { numRuns: 60 },
  );
});
