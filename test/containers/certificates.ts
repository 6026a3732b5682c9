// A real engine behind TLS.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createServer } from "node:tls";
import { folder } from "../rig.ts";
import { listen, passOn } from "./engine.ts";

/** An authority, and what it signed for a server on this machine and for a client. */
export function certificates(): string {
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

/** What Docker's configuration holds of a context whose engine is spoken to with these certificates. */
export function contextFiles(name: string, address: string, at: string): Readonly<Record<string, string>> {
  const id = createHash("sha256").update(name).digest("hex");
  const files = ["ca.pem", "cert.pem", "key.pem"].map((file) => [
    `contexts/tls/${id}/docker/${file}`,
    readFileSync(join(at, file), "utf8"),
  ]);
  const meta = JSON.stringify({ Name: name, Endpoints: { docker: { Host: address } } });
  return { [`contexts/meta/${id}/meta.json`]: meta, ...(Object.fromEntries(files) as Record<string, string>) };
}

/** The real engine behind TLS, which wants a certificate of this authority. */
export async function serveTls(at: string): Promise<string> {
  const server = createServer(
    {
      ...serverFiles(at),
      requestCert: true,
      rejectUnauthorized: true,
      allowHalfOpen: true,
    } as object,
    passOn,
  );
  server.on("tlsClientError", () => undefined);
  return `tcp://127.0.0.1:${await listen(server, { port: 0, host: "127.0.0.1" })}`;
}

export function serverFiles(at: string): { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer } {
  const pem = (name: string): Buffer => readFileSync(join(at, name));
  return { ca: pem("ca.pem"), cert: pem("server-cert.pem"), key: pem("server-key.pem") };
}
