import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createServer } from "node:tls";
import { describe, expect, it } from "vitest";
import type { Host } from "../../src/base/host.ts";
import { folder, host } from "../rig.ts";
import { daemon, faultOf, listen, passOn, runInside } from "./engine.ts";

/** An authority, and what it signed for a server on this machine and for a client. */
function certificates(): string {
  const at = folder({
    "server.ext": "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n",
    "client.ext": "extendedKeyUsage=clientAuth\n",
  });
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { cwd: at, stdio: "ignore" });
  const fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl("req", "-x509", ...fresh, "-keyout", "ca-key.pem", "-out", "ca.pem", "-days", "2", "-subj", "/CN=authority");
  for (const [role, name] of [
    ["server", "server-"],
    ["client", ""],
  ]) {
    openssl("req", ...fresh, "-keyout", `${name}key.pem`, "-out", `${role}.csr`, "-subj", `/CN=${role}`);
    const by = ["-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-days", "2", "-extfile", `${role}.ext`];
    openssl("x509", "-req", "-in", `${role}.csr`, ...by, "-out", `${name}cert.pem`);
  }
  return at;
}

/** The real engine behind TLS, which wants a certificate of this authority. */
async function serveTls(at: string): Promise<string> {
  const pem = (name: string): Buffer => readFileSync(join(at, name));
  const server = createServer(
    {
      ca: pem("ca.pem"),
      cert: pem("server-cert.pem"),
      key: pem("server-key.pem"),
      requestCert: true,
      rejectUnauthorized: true,
      allowHalfOpen: true,
    } as object,
    passOn,
  );
  server.on("tlsClientError", () => undefined);
  return `tcp://127.0.0.1:${await listen(server, { port: 0, host: "127.0.0.1" })}`;
}

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
