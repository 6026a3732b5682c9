// A service of users: REST over HTTP, JSON, on this machine only. `node service.mjs [--port N] [--database FILE]`
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { change } from "./fields.mjs";
import { openUsers } from "./users.mjs";

/** @typedef {import("node:http").IncomingMessage} Request */
/** @typedef {{ readonly status: number, readonly body?: object, readonly headers?: Record<string, string> }} Reply */
/** @typedef {{ request: Request, query: URLSearchParams, id: number }} Asked */

const { values } = parseArgs({
  options: {
    port: { type: "string", default: process.env["PORT"] || "8321" },
    database: { type: "string", default: ":memory:" },
  },
});
const MOST_BYTES = 16 * 1024;
const MOST_USERS = 100;
/** A web page that has a name lead here by DNS must not read the users. */
const HOSTS = ["127.0.0.1", "localhost"];

if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535) {
  process.stderr.write(`the port must be a whole number from 0 to 65535, not ${JSON.stringify(values.port)}\n`);
  process.exit(2);
}
const users = openUsers(values.database);
const server = createServer({ requestTimeout: 10_000 }, (request, response) => void respond(request, response));
server.once("error", (error) => {
  process.stderr.write(`cannot listen on port ${values.port}: ${error.message}; \`--port\` takes another one\n`);
  users.close();
  process.exitCode = 1;
});
server.listen(Number(values.port), "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : values.port;
  process.stdout.write(`listening on http://127.0.0.1:${port}\n`);
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, stop);

/** Ends what is under way within two seconds. */
function stop() {
  server.close(() => users.close());
  setTimeout(() => server.closeAllConnections(), 2000).unref();
}

/**
 * @param {Request} request
 * @param {import("node:http").ServerResponse} response
 */
async function respond(request, response) {
  const { status, body, headers } = await answer(request).catch(toReply);
  const text = body ? JSON.stringify(body) : "";
  response.writeHead(status, {
    ...(body && { "Content-Type": status < 400 ? "application/json" : "application/problem+json" }),
    ...(body && { "Content-Length": Buffer.byteLength(text) }),
    "Cache-Control": "no-store",
    // What is left of a body that was not read would be taken for the next request.
    ...(!request.complete && { Connection: "close" }),
    ...headers,
  });
  response.end(text);
  // Without the query: what people search for is their own business.
  process.stdout.write(`${request.method} ${pathOf(request)} ${status}\n`);
}

/** @typedef {{ readonly [method: string]: (asked: Asked) => Reply | Promise<Reply> }} Methods */

/** @type {Methods} */
const ALL = { GET: search, POST: add };
/** @type {Methods} */
const ONE = { GET: show, PATCH: update, DELETE: remove };

/**
 * @param {Request} request
 * @returns {Promise<Reply>}
 */
async function answer(request) {
  const host = URL.parse(`http://${request.headers.host ?? ""}`)?.hostname ?? "";
  if (!HOSTS.includes(host))
    throw new Fault(421, `this is the service of ${HOSTS.join(" and ")}, and of no other host`);
  const path = pathOf(request);
  const [isFound, id] = /^\/users(?:\/([1-9]\d{0,14}))?$/.exec(path) ?? [];
  if (isFound === undefined) throw new Fault(404, "there are /users and /users/ID here, and ID is a whole number");
  const methods = id === undefined ? ALL : ONE;
  const method = methods[request.method === "HEAD" ? "GET" : (request.method ?? "")];
  if (!method) {
    const allowed = Object.keys(methods).join(", ");
    throw new Fault(405, `${request.method} is no method of ${path}; there are ${allowed}`, { Allow: allowed });
  }
  return method({ request, query: new URLSearchParams(request.url?.slice(path.length)), id: Number(id) });
}

/** @param {Asked} asked */
function search({ query }) {
  const q = query.get("q") ?? "";
  const limit = whole(query, "limit", { least: 1, most: MOST_USERS, otherwise: 20 });
  const offset = whole(query, "offset", { least: 0, most: 1_000_000_000, otherwise: 0 });
  return { status: 200, body: users.find({ q, limit, offset }) };
}

/** @param {Asked} asked */
function show({ id }) {
  return { status: 200, body: there(users.get(id), id) };
}

/** @param {Asked} asked */
async function add({ request }) {
  const user = untaken(users.add(checked({}, await bodyOf(request))));
  return { status: 201, body: user, headers: { Location: `/users/${user.id}` } };
}

/** @param {Asked} asked */
async function update({ request, id }) {
  const body = await bodyOf(request);
  const { id: own, ...before } = there(users.get(id), id);
  return { status: 200, body: there(untaken(users.update(own, checked(before, body))), id) };
}

/** @param {Asked} asked */
function remove({ id }) {
  there(users.remove(id) || null, id);
  return { status: 204 };
}

/**
 * @template T
 * @param {T | null} found
 * @param {number} id
 * @returns {T}
 */
function there(found, id) {
  if (found === null) throw new Fault(404, `there is no user ${id}`);
  return found;
}

/**
 * @template T
 * @param {T | "taken"} written
 * @returns {T}
 */
function untaken(written) {
  if (written === "taken") throw new Fault(409, "another user has this email address");
  return written;
}

/**
 * @param {Partial<import("./fields.mjs").Person>} before
 * @param {unknown} body
 */
function checked(before, body) {
  const { after, problems } = change(before, body);
  if (problems.length > 0) throw new Fault(400, problems.join("; "));
  return after;
}

/**
 * @param {URLSearchParams} query
 * @param {string} name
 * @param {{ least: number, most: number, otherwise: number }} bounds
 */
function whole(query, name, { least, most, otherwise }) {
  const text = query.get(name) ?? String(otherwise);
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least && number <= most))
    throw new Fault(400, `${name} must be a whole number from ${least} to ${most}`);
  return number;
}

/** @param {Request} request */
async function bodyOf(request) {
  const [type = ""] = (request.headers["content-type"] ?? "").split(";");
  if (!/^application\/(?:merge-patch\+)?json$/i.test(type.trim()))
    throw new Fault(415, "the Content-Type of the body must be application/json");
  const chunks = [];
  let bytes = 0;
  // The end of the loop must not end the connection, which has an answer to carry yet.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Fault(413, `the body must have ${MOST_BYTES} bytes at most`);
    chunks.push(chunk);
  }
  try {
    return /** @type {unknown} */ (JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks))));
  } catch {
    throw new Fault(400, "the body is not JSON in UTF-8");
  }
}

/** @param {Request} request */
function pathOf({ url = "" }) {
  return url.replace(/\?.*$/s, "");
}

/** A problem as RFC 9457 tells it. */
class Fault extends Error {
  /**
   * @param {number} status
   * @param {string} detail
   * @param {Record<string, string>} [headers]
   */
  constructor(status, detail, headers = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }
}

/**
 * @param {unknown} error
 * @returns {Reply}
 */
function toReply(error) {
  if (error instanceof Fault) {
    const { status, message, headers } = error;
    return { status, body: { status, detail: message }, headers };
  }
  if (error instanceof Error && "code" in error && error.code === "ECONNRESET")
    return { status: 400, body: { status: 400, detail: "the body broke off" } };
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return { status: 500, body: { status: 500, detail: "the service failed; its log says why" } };
}
