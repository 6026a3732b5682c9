import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BIN, folder, mcpfier } from "../rig.ts";

const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAA/+4=", "base64");

/** A folder with a command of each format, which prints the file `out`. */
function catalogue(stdout: Buffer): string {
  const formats = ["text", "json", "jsonl", "csv", "image", "audio", "file", "mcp"];
  const commands = formats.map((format) => ({
    name: `as_${format}`,
    description: "d",
    run: ["cat", "out"],
    output: { format },
  }));
  const path = folder({ "mcpfier.yaml": JSON.stringify({ commands }) });
  writeFileSync(join(path, "out"), stdout);
  return path;
}

test.each(["text", "json", "jsonl", "csv", "image", "audio", "file", "mcp"])(
  "`mcpfier run` passes the bytes of %s on as they are",
  (format) => {
    const bytes = Buffer.concat([PNG, Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256))]);
    const ran = spawnSync(process.execPath, [BIN, "run", `as_${format}`], { cwd: catalogue(bytes), maxBuffer: 1e6 });
    expect(ran.stdout.equals(bytes)).toBe(true);
    expect(ran.status).toBe(0);
  },
);

test("`mcpfier run --json` shows pieces, structured results and faults", async () => {
  const image = catalogue(PNG);
  const outcomeOf = async (cwd: string, tool: string): Promise<unknown> =>
    JSON.parse((await mcpfier(["run", tool, "--json"], { cwd })).stdout);
  expect(await outcomeOf(image, "as_image")).toMatchObject({
    outcome: "completed",
    stdout: `[${PNG.length} bytes of the type image/png]`,
    content: [{ kind: "image", mime: "image/png", base64: PNG.toString("base64") }],
  });
  expect(await outcomeOf(image, "as_audio")).toMatchObject({
    outcome: "completed",
    fault: expect.stringMatching(/^the output is not a sound/),
    isError: true,
    truncated: true,
  });
  const rows = catalogue(Buffer.from("a,b\n1,2\n"));
  expect(await outcomeOf(rows, "as_csv")).toMatchObject({ stdout: "a,b\n1,2\n", structured: [{ a: "1", b: "2" }] });
});

test("`mcpfier run` says on stderr what the output is not", async () => {
  const { stdout, stderr, code } = await mcpfier(["run", "as_image"], { cwd: catalogue(Buffer.from("oops\n")) });
  expect({ stdout, code }).toEqual({ stdout: "oops\n", code: 0 });
  expect(stderr).toContain("mcpfier: the output is not an image: it has 5 bytes");
});
