import { expect, test } from "vitest";
import type { Output } from "../../src/command/command.ts";
import { load } from "../rig.ts";

/** What `output` becomes under `defaults.output`. */
async function outputOf(defaults: string, output: string): Promise<Output | undefined> {
  const { catalogue, problems } = await load(
    `defaults: { output: ${defaults} }\ncommands:\n  - { name: a, description: d, run: [echo], output: ${output} }\n`,
  );
  expect(problems.filter((problem) => problem.severity === "error")).toEqual([]);
  return catalogue?.commands[0]?.output;
}

test("a format takes from the defaults only what goes with it", async () => {
  const data = "{ format: json, schema: { type: object } }";
  expect(await outputOf(data, "{ max: 1KiB }")).toMatchObject({ format: "json", schema: { type: "object" } });
  expect(await outputOf(data, "{ format: text }")).toMatchObject({ format: "text", schema: null });
  expect(await outputOf(data, "{ format: image }")).toMatchObject({ schema: null, maxBytes: 1024 ** 2 });
  const media = "{ format: image, mime: image/svg+xml }";
  expect(await outputOf(media, "{ max: 1KiB }")).toMatchObject({ mime: "image/svg+xml", maxBytes: 1024 });
  expect(await outputOf(media, "{ format: audio }")).toMatchObject({ mime: "", maxBytes: 1024 ** 2 });
  expect(await outputOf(media, "{ format: text }")).toMatchObject({ mime: "", maxBytes: 32 * 1024 });
});

test("a `max` of the defaults holds for every format", async () => {
  expect(await outputOf("{ max: 4KiB }", "{ format: image }")).toMatchObject({ maxBytes: 4096 });
  expect(await outputOf("{ format: image, max: 4KiB }", "{ format: text }")).toMatchObject({ maxBytes: 4096 });
});

test.each(["image/png", "image/svg+xml", "image/vnd.microsoft.icon", "image/svg+xml; charset=utf-8"])(
  "%s is the type of a picture",
  async (mime) => {
    expect(await outputOf("{}", `{ format: image, mime: "${mime}" }`)).toMatchObject({ mime });
  },
);
