import { expect, it } from "vitest";
import { createFleet } from "../../../src/executors/container/fleet.ts";
import { certificates, contextFiles, serveTls } from "../../containers/certificates.ts";
import { atEnd, folder, host } from "../../rig.ts";

it("two contexts of one address have one connection only where their certificates are the same", async () => {
  const right = certificates();
  const address = await serveTls(right);
  const files = { ...contextFiles("right", address, right), ...contextFiles("wrong", address, certificates()) };
  const fleet = createFleet({ ...host, env: { ...host.env, DOCKER_CONFIG: folder(files) } });
  atEnd(fleet.close);
  const [wrong, again, trusted] = await Promise.all(
    fleet.order(["context://wrong", "context://wrong", "context://right"]).map((ship) => ship.daemon()),
  );
  await expect(wrong?.ping()).rejects.toThrow("cannot be reached");
  await trusted?.ping();
  expect(again).toBe(wrong);
});
