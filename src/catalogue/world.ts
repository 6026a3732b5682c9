import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { resolve } from "node:path";
import type { Host } from "../base/host.ts";
import { statOf } from "../base/stat.ts";
import { type Lookup, lookUp } from "../command/lookup.ts";
import { realPath } from "../command/path.ts";
import { type Picture, readPicture } from "./picture.ts";
import { type Source, type SourceBytes, type Unreadable, isUnreadable, readBytes, readSource } from "./source.ts";

/** All that loading a catalogue asks of the machine. A question is asked once; its answer is remembered. */
export interface World {
  readonly host: Host;
  env(name: string): string | undefined;
  read(file: string): Source | Unreadable;
  /** Absolute paths, in order. */
  glob(pattern: string, folder: string): readonly string[];
  picture(file: string): Picture;
  program(name: string, path: string): Lookup;
  /** The path with its links followed as far as it exists; undefined when a link on it is broken. */
  real(path: string): string | undefined;
  kind(path: string): "folder" | "other" | "nothing";
  /** What was asked so far, each with a digest of the answer: while they hold, loading again gives the same catalogue. */
  facts(): readonly Fact[];
}

export interface Fact {
  readonly question: Question;
  readonly args: readonly string[];
  /** Of the answer: itself where it is short, and is no value of the environment. */
  readonly digest: string;
}

type Question = keyof typeof ASK;

const ASK = {
  env: (host: Host, name: string): string | undefined => host.env[name],
  read: (_host: Host, file: string): Source | Unreadable => readSource(file),
  picture: (_host: Host, file: string): Picture => readPicture(file),
  glob: (_host: Host, pattern: string, folder: string): readonly string[] =>
    globSync(pattern, { cwd: folder })
      .toSorted()
      .map((path) => resolve(folder, path)),
  program: (_host: Host, name: string, path: string): Lookup => lookUp(name, path),
  real: (_host: Host, path: string): string | undefined => realPath(path),
  kind: (_host: Host, path: string): "folder" | "other" | "nothing" => {
    const stat = statOf(path);
    return stat === undefined ? "nothing" : stat.isDirectory() ? "folder" : "other";
  },
};

/** Bytes of an answer that is kept as it is. */
const SHORT = 16 * 1024;

export function createWorld(host: Host): World {
  const answers = new Map<string, { readonly question: Question; readonly args: readonly string[]; answer: unknown }>();

  function ask<Q extends Question>(question: Q, ...args: string[]): ReturnType<(typeof ASK)[Q]> {
    const key = [question, ...args].join("\0");
    let known = answers.get(key);
    if (!known) {
      known = { question, args, answer: answer(host, question, args) };
      answers.set(key, known);
    }
    return known.answer as ReturnType<(typeof ASK)[Q]>;
  }

  return {
    host,
    env: (name) => ask("env", name),
    read: (file) => ask("read", file),
    glob: (pattern, folder) => ask("glob", pattern, folder),
    picture: (file) => ask("picture", file),
    program: (name, path) => ask("program", name, path),
    real: (path) => ask("real", path),
    kind: (path) => ask("kind", path),
    facts: () =>
      Array.from(answers.values(), ({ answer: given, question, args }) => ({
        question,
        args,
        digest: question === "read" ? digestOfRead(given as Source | Unreadable) : digest(question, given),
      })),
  };
}

/** Whether every question is answered now as it was then. */
export function holds(facts: readonly Fact[], host: Host): boolean {
  return facts.every((fact) => digestNow(fact, host) === fact.digest);
}

/** Of what a question is answered now. */
export function digestNow({ question, args }: Fact, host: Host): string {
  if (question !== "read") return digest(question, answer(host, question, args));
  // A file is not decoded for it: of 6 MB that would take longer than the digest itself.
  const [file = ""] = args;
  const read = readBytes(file);
  return isUnreadable(read) ? digestOfRead(read) : digestOfBytes(read);
}

export function digestOfBytes({ bytes, ...whereabouts }: SourceBytes): string {
  return digest("read", whereabouts, bytes);
}

/** Whether it is of a file too large to stand in it as it is. */
export function isOfLargeFile({ question, digest: told }: Fact): boolean {
  return question === "read" && !told.startsWith("{");
}

function answer(host: Host, question: Question, args: readonly string[]): unknown {
  const ask = ASK[question] as (host: Host, ...args: readonly string[]) => unknown;
  return ask(host, ...args);
}

function digestOfRead(read: Source | Unreadable): string {
  if (isUnreadable(read)) return digest("read", read);
  const { text, ...whereabouts } = read;
  return digest("read", whereabouts, text);
}

function digest(question: Question, value: unknown, contents: string | Buffer = ""): string {
  const told = JSON.stringify(value) ?? "nothing";
  // Of a digest nobody reads the answer back, which may be a secret. All else is what it is: loading `crypto` takes a start longer.
  if (question !== "env" && told.length + Buffer.byteLength(contents) <= SHORT) return `${told}${contents.toString()}`;
  return createHash("sha256").update(told).update(contents).digest("base64url");
}
