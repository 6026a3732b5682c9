import type { Check } from "./check.ts";
import { told } from "./told.ts";

/** Says that nothing was looked at where the catalogue has errors: what it would need is not known then. */
export function whenRead(name: string, check: Check): Check {
  return async (context, found) =>
    found && !found.loaded.catalogue
      ? [{ status: "warning", name, text: told`not looked at, as the catalogue has errors`, mend: "" }]
      : check(context, found);
}
