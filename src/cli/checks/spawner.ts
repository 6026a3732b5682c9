import { openSpawner } from "../../executors/spawner.ts";
import type { Context } from "../verb.ts";
import type { Finding } from "./check.ts";
import { told } from "./told.ts";

/** Which process starts the programs of commands. */
export async function checkSpawner({ host }: Context): Promise<readonly Finding[]> {
  const spawner = openSpawner();
  await spawner?.close();
  const name = "spawner";
  if (spawner)
    return [{ name, status: "fine", text: told`mcpfier-spawner, a small process, starts programs`, mend: "" }];
  const text = told`the server starts programs itself, which takes longer and holds it meanwhile`;
  return host.platform === "linux"
    ? [
        {
          name,
          status: "warning",
          text,
          mend: "build mcpfier where musl-gcc is (on Debian: apt-get install gcc musl-tools)",
        },
      ]
    : [{ name, status: "fine", text, mend: "" }];
}
