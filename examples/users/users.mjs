// The users, kept in SQLite.
import { DatabaseSync } from "node:sqlite";
import { change } from "./fields.mjs";
import { PEOPLE } from "./seed.mjs";

/** @typedef {import("./fields.mjs").Person} Person */
/** @typedef {Person & { readonly id: number }} User */
/** @typedef {{ id: number, name: string, email: string, address: string | null, card: string | null }} Row */
/** @typedef {{ readonly q: string, readonly limit: number, readonly offset: number }} Search */

// AUTOINCREMENT: the id of somebody who was deleted is never another's. `words` is what a search looks through, in small
// letters written by us: SQLite's own lower() knows ASCII only.
const SCHEMA = `
  CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE COLLATE NOCASE,
    address TEXT CHECK (json_valid(address)),
    card TEXT CHECK (json_valid(card)),
    words TEXT NOT NULL
  ) STRICT;
`;
const SEEN = "id, name, email, address, card";
const INSERT = `INSERT INTO users (name, email, address, card, words)
  VALUES (:name, :email, :address, :card, :words) RETURNING ${SEEN}`;
const REPLACE = `UPDATE users SET name = :name, email = :email, address = :address, card = :card, words = :words
  WHERE id = :id RETURNING ${SEEN}`;
const FOUND = "FROM users WHERE instr(words, :words) > 0";
/** The extended result code SQLITE_CONSTRAINT_UNIQUE. */
const NOT_UNIQUE = 2067;

/**
 * Opens a database, and fills it when it is new. A user is its `id` and what `fields.mjs` names; null stands for one that is
 * not there, and `"taken"` for one that could not be written because another has its email address.
 *
 * @param {string} file
 */
export function openUsers(file) {
  const database = new DatabaseSync(file, { timeout: 2000 });
  fill(database);
  const insert = database.prepare(INSERT);
  const replace = database.prepare(REPLACE);
  const one = database.prepare(`SELECT ${SEEN} FROM users WHERE id = ?`);
  const some = database.prepare(`SELECT ${SEEN} ${FOUND} ORDER BY id LIMIT :limit OFFSET :offset`);
  const count = database.prepare(`SELECT count(*) AS total ${FOUND}`);
  const forget = database.prepare("DELETE FROM users WHERE id = ?");

  /** @param {number} id */
  function get(id) {
    const row = one.get(id);
    return row ? toUser(row) : null;
  }

  /** @param {Search} search */
  function find({ q, limit, offset }) {
    const words = q.toLowerCase();
    const users = some.all({ words, limit, offset }).map(toUser);
    return { total: Number(count.get({ words })?.["total"]), limit, offset, users };
  }

  /** @param {Person} person */
  function add(person) {
    return unlessTaken(() => toUser(insert.get(toRow(person))));
  }

  /**
   * @param {number} id
   * @param {Person} person
   */
  function update(id, person) {
    return unlessTaken(() => {
      const row = replace.get({ ...toRow(person), id });
      return row ? toUser(row) : null;
    });
  }

  /** @param {number} id */
  function remove(id) {
    return forget.run(id).changes > 0;
  }
  return { get, find, add, update, remove, close: () => database.close() };
}

/**
 * Once: who deletes all users keeps it empty.
 *
 * @param {DatabaseSync} database
 */
function fill(database) {
  database.exec("BEGIN IMMEDIATE");
  if (database.prepare("PRAGMA user_version").get()?.["user_version"] === 0) {
    database.exec(`${SCHEMA} PRAGMA user_version = 1`);
    const insert = database.prepare(INSERT);
    for (const person of PEOPLE) insert.run(toRow(change({}, person).after));
  }
  database.exec("COMMIT");
}

/**
 * @template T
 * @param {() => T} write
 * @returns {T | "taken"}
 */
function unlessTaken(write) {
  try {
    return write();
  } catch (error) {
    if (error instanceof Error && "errcode" in error && error.errcode === NOT_UNIQUE) return "taken";
    throw error;
  }
}

/** @param {Person} person */
function toRow({ name, email, address, card }) {
  return {
    name,
    email,
    address: address ? JSON.stringify(address) : null,
    card: card ? JSON.stringify(card) : null,
    words: [name, email, address?.city].join("\n").toLowerCase(),
  };
}

/**
 * @param {unknown} row
 * @returns {User}
 */
function toUser(row) {
  const { id, name, email, address, card } = /** @type {Row} */ (row);
  return {
    id,
    name,
    email,
    ...(address !== null && { address: JSON.parse(address) }),
    ...(card !== null && { card: JSON.parse(card) }),
  };
}
