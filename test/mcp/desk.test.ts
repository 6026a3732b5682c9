import { expect, test } from "vitest";
import { type Clerk, createDesk } from "../../src/mcp/desk.ts";
import type { Form } from "../../src/pipeline/form.ts";
import type { Answer, Question } from "../../src/pipeline/question.ts";

const QUESTION: Question = { tool: "note", callId: "1", text: "Note it?", hash: "" };

/** A client whose user answers when the test does. */
function clerk(): {
  readonly by: Clerk;
  readonly asked: Question[];
  signal(): AbortSignal | undefined;
  answer(answer: Answer): void;
} {
  const asked: Question[] = [];
  const answered = Promise.withResolvers<Answer>();
  let heard: AbortSignal | undefined;
  return {
    asked,
    by: {
      confirm: (question, signal) => {
        asked.push(question);
        heard = signal;
        return answered.promise;
      },
      fill: () => Promise.resolve({ content: { name: "filled" }, isLast: false }),
    },
    signal: () => heard,
    answer: answered.resolve,
  };
}

function deskOf() {
  let changes = 0;
  const desk = createDesk(() => void changes++);
  const caller = new AbortController();
  return { desk, caller, changes: () => changes };
}

test("a question waits until somebody can be asked", async () => {
  const { desk, caller, changes } = deskOf();
  expect(desk.isWaiting()).toBe(false);
  const answer = desk.confirm(QUESTION, caller.signal);
  expect([desk.isWaiting(), changes()]).toEqual([true, 1]);
  const first = clerk();
  desk.serve(first.by, new AbortController().signal);
  expect(first.asked).toEqual([QUESTION]);
  first.answer("accepted");
  expect(await answer).toBe("accepted");
  expect([desk.isWaiting(), changes()]).toEqual([false, 2]);
  void desk.confirm(QUESTION, caller.signal);
  expect(first.asked).toHaveLength(2);
});

test("a question goes to whoever comes last, and what the one before says is no answer any more", async () => {
  const { desk, caller } = deskOf();
  const [first, second, third] = [clerk(), clerk(), clerk()];
  const leaving = new AbortController();
  desk.serve(first.by, new AbortController().signal);
  const answer = desk.confirm(QUESTION, caller.signal);
  desk.serve(second.by, leaving.signal);
  expect([first.signal()?.aborted, second.signal()?.aborted]).toEqual([true, false]);
  first.answer("declined");
  leaving.abort();
  expect(second.signal()?.aborted).toBe(true);
  second.answer("unavailable");
  await Promise.resolve();
  expect(desk.isWaiting()).toBe(true);
  desk.serve(third.by, new AbortController().signal);
  third.answer("accepted");
  expect(await answer).toBe("accepted");
});

test("a question is taken back with its call", async () => {
  const { desk, caller } = deskOf();
  const first = clerk();
  desk.serve(first.by, new AbortController().signal);
  const answer = desk.confirm(QUESTION, caller.signal);
  caller.abort();
  expect(first.signal()?.aborted).toBe(true);
  expect(await answer).toBe("unavailable");
  expect(desk.isWaiting()).toBe(false);
  expect(await desk.confirm(QUESTION, caller.signal)).toBe("unavailable");
  desk.serve(clerk().by, AbortSignal.abort());
  expect(desk.isWaiting()).toBe(false);
});

test("a form waits like a question, and what was filled in comes back", async () => {
  const { desk, caller } = deskOf();
  const form: Form = { tool: "note", callId: "1", text: "", fields: [], hash: "", isAgain: false };
  // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- it fills a form
  const filled = desk.fill(form, caller.signal);
  expect(desk.isWaiting()).toBe(true);
  desk.serve(clerk().by, new AbortController().signal);
  expect(await filled).toEqual({ content: { name: "filled" }, isLast: false });
});
