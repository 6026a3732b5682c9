import { describe, expect, it } from "vitest";
import { credentialsFor } from "../../src/containers/credentials.ts";
import { folder, host } from "../rig.ts";

const HUB = "https://index.docker.io/v1/";

/** The login that goes to the engine with a pull of this image, where Docker's configuration has one for that. */
async function loginFor(image: string, filedUnder: string): Promise<unknown> {
  const auths = { [filedUnder]: { auth: Buffer.from("me:pass:word").toString("base64") } };
  const at = folder({ "config.json": JSON.stringify({ auths }) });
  const key = await credentialsFor(image, { ...host, env: { DOCKER_CONFIG: at } });
  return key === null ? null : JSON.parse(Buffer.from(key, "base64url").toString());
}

describe("the login of a pull", () => {
  it.each(["me/image", "image", "docker.io/me/image", "index.docker.io/me/image", "registry-1.docker.io/me/image"])(
    "is that of Docker Hub for %s",
    async (image) => {
      const login = { username: "me", password: "pass:word", serveraddress: HUB };
      expect(await loginFor(image, HUB)).toEqual(login);
      expect(await loginFor(image, "registry.example")).toBeNull();
    },
  );

  it("is never that of Docker Hub for another registry", async () => {
    for (const image of ["docker.io.example/x", "docker.io:5000/x", "localhost/docker.io/x"])
      expect(await loginFor(image, HUB), image).toBeNull();
  });
});
