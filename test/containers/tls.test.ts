import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Host } from "../../src/base/host.ts";
import { folder, host } from "../rig.ts";
import { certificates, serveTls } from "./certificates.ts";
import { daemon, faultOf, runInside } from "./engine.ts";

function hostWith(certPath: string): Host {
  return { ...host, env: { ...host.env, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: certPath } };
}

describe("an engine behind TLS", () => {
  it("runs a container, to the end of its input, for a client with the right certificate", async () => {
    const at = certificates();
    const by = await daemon(await serveTls(at), hostWith(at));
    expect(by.isLocal).toBe(false);
    const ran = await runInside(by, ["sh", "-c", "cat; exit 4"], "over TLS\n".repeat(20_000));
    expect(ran).toEqual({ exitCode: 4, end: "whole", stdout: "over TLS\n".repeat(20_000), stderr: "" });
    expect((await by.info()).os).toBe("linux");
  });

  it("is not spoken to when another authority signed its certificate", async () => {
    const address = await serveTls(certificates());
    const fault = await faultOf((await daemon(address, hostWith(certificates()))).ping());
    expect(fault.kind).toBe("down");
    expect(fault.message).toMatch(/self-signed|unable to verify|unable to get|signature/i);
  });

  it("is down for a client without a certificate", async () => {
    const at = certificates();
    const withoutKey = folder({ "ca.pem": readFileSync(join(at, "ca.pem"), "utf8") });
    expect((await faultOf((await daemon(await serveTls(at), hostWith(withoutKey))).ping())).kind).toBe("down");
  });

  it("is down for a client that speaks without TLS", async () => {
    const fault = await faultOf((await daemon(await serveTls(certificates()))).ping());
    expect(["down", "lost"]).toContain(fault.kind);
  });
});
