import { expect, it } from "vitest";
import { shownPlanned } from "../../../src/pipeline/planned.ts";
import { engineOf, host } from "../../rig.ts";
import { serve, textOf } from "./service.ts";

/** What a service that echoes a password is seen to say, and the URL that a dry run shows. */
async function seen(pass: string, env: Readonly<Record<string, string>> = {}): Promise<readonly unknown[]> {
  const word = env["HOOK_PASS"] ?? pass;
  const { url } = await serve((_asked, response) => response.end(`{"${word}ed":true}`));
  const auth = { type: "basic", user: "user", pass };
  const webhook = { url: `${url}/basic-auth/user/${word}`, auth, allow_private: true };
  const commands = [{ name: "t", description: "d", webhook }];
  const engine = await engineOf(JSON.stringify({ commands }), { host: { ...host, env } });
  const planned = await engine.call({ tool: "t", arguments: {}, dryRun: true });
  if (planned.kind !== "planned") throw new Error(planned.kind);
  const shown = shownPlanned(planned);
  expect(JSON.stringify(shown)).not.toContain(Buffer.from(`user:${word}`).toString("base64"));
  const path = new URL(String(shown["url"])).pathname;
  return [textOf(await engine.call({ tool: "t", arguments: {} })), path];
}

it.each(["pass", "s3cr3t!", "password", "administrator"])(
  "a password that stands in the catalogue and could stand in any text is not sought there: %s",
  async (pass) => {
    expect(await seen(pass)).toEqual([`{"${pass}ed":true}`, `/basic-auth/user/${pass}`]);
  },
);

it.each(["s3cr3t!!", "correcthorsebatterystaple"])(
  "a password that stands in the catalogue, and in no other text by chance, is not seen: %s",
  async (pass) => {
    expect(await seen(pass)).toEqual(['{"[redacted]ed":true}', "/basic-auth/user/[redacted]"]);
  },
);

it("a password of the environment is not seen from four characters on, whatever the name of its variable is", async () => {
  const hidden = ['{"[redacted]ed":true}', "/basic-auth/user/[redacted]"];
  expect(await seen("${HOOK_PASS}", { HOOK_PASS: "pass" })).toEqual(hidden);
});
