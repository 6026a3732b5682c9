import { engineHost } from "../engines.ts";
import { boxes } from "./boxes.ts";
import { contract } from "./contract.ts";

contract(
  boxes({ name: "warm container of Docker", engine: await engineHost(), missing: "", tellsMemory: true, isWarm: true }),
);
