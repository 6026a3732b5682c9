import type { Route } from "./route.ts";

/** Whether the server takes calls, for whoever watches over it; not which version it is, which tells strangers what to try. */
export function healthRoute(isStopping: () => boolean): Route {
  return {
    paths: ["/health"],
    methods: ["GET", "HEAD"],
    answers: "json",
    serve: async (exchange) => {
      const status = isStopping() ? "stopping" : "ok";
      exchange.answer(isStopping() ? 503 : 200, JSON.stringify({ status }));
    },
  };
}
