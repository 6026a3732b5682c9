import { engineHost, podmanHost } from "../engines.ts";
import { boxes } from "./boxes.ts";
import { contract } from "./contract.ts";

contract(
  boxes({ name: "container of Docker", engine: await engineHost(), missing: "", tellsMemory: true, isWarm: false }),
);

const { host: podman, reason } = await podmanHost();
// Podman 4.3 has no word for a container that took too much memory.
contract(
  boxes({
    name: "container of Podman",
    engine: podman ?? "",
    missing: reason,
    tellsMemory: false,
    isWarm: false,
  }),
);
