import { readFileSync } from "node:fs";
import { connect, createServer as createProxy } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";
import { describe, expect, it } from "vitest";
import type { Host } from "../../src/base/host.ts";
import { folder, host } from "../rig.ts";
import { certificates, serveTls, serverFiles } from "./certificates.ts";
import { daemon, faultOf, listen, runInside } from "./engine.ts";

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
    const by = await daemon(await serveTls(at), hostWith(withoutKey));
    expect((await faultOf(by.ping())).kind).toBe("down");
    expect((await faultOf(by.create({}))).kind).toBe("down");
    expect((await faultOf(by.start("0".repeat(64)))).kind).toBe("lost");
  });

  it("may have started a container when its answer comes damaged", async () => {
    const at = certificates();
    let isDamaged = false;
    const server = createServer({ ...serverFiles(at), requestCert: true }, (socket) => {
      socket.once("data", () => {
        isDamaged = true;
        socket.write("HTTP/1.1 204 No Content\r\n\r\n");
      });
    });
    const port = await listen(server, { port: 0, host: "127.0.0.1" });
    const proxy = createProxy((from) => {
      const to = connect(port, "127.0.0.1");
      to.on("error", () => from.destroy()).once("close", () => from.destroy());
      from.once("close", () => to.destroy()).pipe(to);
      to.on("data", (chunk: Buffer) => {
        // The last byte is of the record's seal.
        if (isDamaged) chunk.writeUInt8((chunk.at(-1) ?? 0) ^ 1, chunk.length - 1);
        from.write(chunk);
      });
    });
    const address = `tcp://127.0.0.1:${await listen(proxy, { port: 0, host: "127.0.0.1" })}`;
    const fault = await faultOf((await daemon(address, hostWith(at))).start("0".repeat(64)));
    expect(fault.kind).toBe("lost");
    expect(isDamaged).toBe(true);
  });

  it("is down for a client that speaks without TLS", async () => {
    const fault = await faultOf((await daemon(await serveTls(certificates()))).ping());
    expect(["down", "lost"]).toContain(fault.kind);
  });
});
