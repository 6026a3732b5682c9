import { expect, it } from "vitest";
import type { LocalPlan } from "../../src/executors/local-plan.ts";
import { STARTER, watchStart } from "../../src/executors/start-fault.ts";

interface Case {
  readonly stdout?: string;
  readonly isolation?: "bwrap" | "unshare" | "group";
}

/** What is made of the end of a program, `/x`, when this is all that was printed. */
function codeOf(stderr: readonly string[], exitCode: number, { stdout = "", isolation = "bwrap" }: Case = {}): unknown {
  const { io, check } = watchStart({
    signal: AbortSignal.abort(),
    doing: () => undefined,
    learn: () => undefined,
    stdout: () => undefined,
    stderr: () => undefined,
  });
  for (const part of stderr) void io.stderr(Buffer.from(part));
  if (stdout !== "") void io.stdout(Buffer.from(stdout));
  const plan = { argv: ["x"], program: "/x", isolation, wrapper: [], limits: [], cgroups: [], dumpsCore: true };
  try {
    check(plan as unknown as LocalPlan, { exitCode });
    return "ran";
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
}

it("what stands before a program is heard when it could not start it", () => {
  const starter = `${STARTER}: 1: `;
  expect(codeOf(["bwrap: ", "execvp /x: No such file or directory\n"], 1)).toBe("program.missing");
  expect(codeOf(["bwrap: execvp /x: Permission denied\n"], 1)).toBe("program.not_executable");
  expect(codeOf(["bwrap: Creating new namespace failed: Resource temporarily unavailable\n"], 1)).toBe(
    "resource.exhausted",
  );
  const inUnshare = { isolation: "unshare" } as const;
  expect(codeOf(["unshare: fork failed: Resource temporarily unavailable\n"], 1, inUnshare)).toBe("resource.exhausted");
  expect(codeOf([`${starter}/x: not found\n`], 127)).toBe("program.missing");
  expect(codeOf([`${starter}/x: Permission denied\n`], 126)).toBe("program.not_executable");
  expect(codeOf([`${starter}cannot create /sys/x: No such file or directory\n`], 125)).toBe("resource.exhausted");
  expect(codeOf([`${starter}Cannot fork\n`], 2)).toBe("resource.exhausted");
});

it("what a program says itself is its own", () => {
  expect(codeOf(["bwrap: execvp /x: No such file\n"], 1, { stdout: "out" })).toBe("ran");
  expect(codeOf(["bwrap: execvp /x: No such file\n"], 1, { isolation: "group" })).toBe("ran");
  expect(codeOf(["bwrap: execvp /other: No such file\n"], 1)).toBe("ran");
  expect(codeOf(["unshare: failed to execute nosuchprog: No such file or directory\n"], 127)).toBe("ran");
  expect(codeOf(["setpriv: failed to parse regid: 'xx'\n"], 1, { isolation: "unshare" })).toBe("ran");
  expect(codeOf(["bwrap: one\nand another\n"], 1)).toBe("ran");
  expect(codeOf(["bwrap: no end of line"], 1)).toBe("ran");
  expect(codeOf(["grep: no such file\n"], 2)).toBe("ran");
  expect(codeOf(["unshare: it says\n"], 3)).toBe("ran");
  expect(codeOf([], 1)).toBe("ran");
});
