import type { HttpDoor } from "../../mcp/http.ts";
import type { Route } from "./route.ts";

/** The protocol. */
export function mcpRoute({ serve }: HttpDoor): Route {
  return { paths: ["/mcp", "/"], methods: ["POST", "GET", "DELETE"], answers: "events", serve };
}
