import { once } from "node:events";
import { createServer } from "node:net";
import { again } from "./again.ts";
import type { Check, Finding } from "./check.ts";
import { type Told, told } from "./told.ts";

/** Whether `mcpfier --server` could listen where the catalogue says. */
export const checkHttp: Check = async (context, found) => {
  const settings = found?.loaded.catalogue?.settings.http;
  if (!settings) return [];
  if (settings.needsAuth)
    return [
      finding(
        "warning",
        told`\`server.http.auth\` is on, which this version does not carry out`,
        again(context, "serve", "--http", "8080"),
      ),
    ];
  const { readAddress } = await import("../../http/address.ts");
  const address = readAddress(settings.address);
  if (typeof address === "string")
    return [finding("error", told`${address}`, again(context, "serve", "--http", "127.0.0.1:8080"))];
  const fault = await faultOf(address);
  const url = `http://${settings.address}`;
  if (fault === undefined)
    return [finding("fine", told`${url} is free; without authentication, for this machine alone`, "")];
  return [
    finding(
      "warning",
      told`${url} cannot be listened at (${fault})`,
      again(context, "serve", "--http", String(address.port + 1)),
    ),
  ];
};

async function faultOf({ host, port }: { readonly host: string; readonly port: number }): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, "listening");
    return undefined;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  } finally {
    server.close();
  }
}

function finding(status: Finding["status"], text: Told, mend: string): Finding {
  return { status, name: "http", text, mend };
}
