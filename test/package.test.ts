// The package as it is published: what is in it, what it is made of, and that it installs as users do it.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  globSync,
  lstatSync,
  readFileSync,
  readdirSync,
  realpathSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { npm } from "../scripts/package.ts";
import { PACKAGE, TARBALL, folder } from "./rig.ts";

const ROOT = resolve(import.meta.dirname, "..");
const KIB = 1024;

const files = globSync("**", { cwd: PACKAGE }).filter((file) => lstatSync(join(PACKAGE, file)).isFile());
const textOf = (file: string): string => readFileSync(join(PACKAGE, file), "utf8");
const manifest = JSON.parse(textOf("package.json")) as {
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
};

/** All that may be in it. */
const ALLOWED = [
  /^(?:LICENSE|README\.md|package\.json|mcpfier\.yaml)$/,
  /^dist\/(?:mcpfier|main|analytics-worker|[\w.-]+-[\w-]{8})\.mjs$/,
  /^dist\/THIRD-PARTY-LICENSES\.txt$/,
  /^dist\/mcpfier-spawner-linux-\w+$/,
  /^schemas\/mcpfier\.schema\.json$/,
  /^completions\/(?:_mcpfier|mcpfier\.(?:bash|fish|ps1))$/,
  /^man\/mcpfier\.1$/,
  /^docs\/(?:[\w-]+\.md|charts\/[a-z]+\.svg)$/,
  /^templates\/[a-z]+\.yaml$/,
  /^examples\/[a-z-]+\/(?:README\.md|mcpfier\.yaml|[a-z]+\.(?:mjs|py))$/,
];

describe("the package", () => {
  it("holds what is used at run time and what users read, and nothing else", () => {
    expect(files.filter((file) => !ALLOWED.some((allowed) => allowed.test(file)))).toEqual([]);
    expect(ALLOWED.filter((allowed) => !files.some((file) => allowed.test(file)))).toEqual([]);
  });

  it("is small: 4 MiB installed, 1.2 MiB to fetch", () => {
    const bytes = files.reduce((sum, file) => sum + statSync(join(PACKAGE, file)).size, 0);
    expect(bytes).toBeLessThan(4096 * KIB);
    expect(statSync(TARBALL).size).toBeLessThan(1200 * KIB);
  });

  it("names no path of the machine that made it, and no source map", () => {
    const places = [ROOT, realpathSync(join(ROOT, "node_modules")), "sourceMappingURL="];
    expect(files.flatMap((file) => places.filter((place) => textOf(file).includes(place)))).toEqual([]);
  });

  it("has only links that lead to what is in it", () => {
    const links = files
      .filter((file) => file.endsWith(".md"))
      .flatMap((file) =>
        Array.from(textOf(file).matchAll(/\]\((?!https?:|#)([^)\s#]+)/g), ([, link = ""]) => join(dirname(file), link)),
      );
    expect(links.length).toBeGreaterThan(150);
    expect(links.filter((link) => link.startsWith("..") || !existsSync(join(PACKAGE, link)))).toEqual([]);
  });

  it("holds a spawner that can be executed, and needs nothing of the machine", () => {
    const file = join(PACKAGE, `dist/mcpfier-spawner-linux-${process.arch}`);
    expect(statSync(file).mode & 0o111).toBe(0o111);
    expect(statSync(file).size).toBeLessThan(64 * KIB);
    // Nothing is linked when it starts: it names no interpreter (elf(5)).
    expect(readFileSync(file, "latin1")).not.toContain("/ld-");
    expect(textOf("dist/THIRD-PARTY-LICENSES.txt")).toContain("musl");
  });

  it("is the only one that is installed, and runs nothing when it is", () => {
    expect(readdirSync(join(PACKAGE, ".."))).toEqual([".bin", ".package-lock.json", "mcpfier"]);
    expect(existsSync(join(PACKAGE, "node_modules"))).toBe(false);
    expect(Object.keys(manifest).filter((key) => /^(?:dependencies|optional|peer|bundle)/.test(key))).toEqual([]);
    expect(Object.keys(manifest.scripts).filter((name) => /^(?:pre|post)?(?:install|prepare)$/.test(name))).toEqual([]);
  });

  it("lists every package that is in any part of the bundle, each with the text of its licence", () => {
    const place = folder();
    for (const name of readdirSync(ROOT)) if (name !== "dist") symlinkSync(join(ROOT, name), join(place, name));
    const { status, stderr } = spawnSync(process.execPath, ["scripts/build.ts", "--readable"], { cwd: place });
    expect(status, String(stderr)).toBe(0);
    const parts = globSync("dist/*.mjs", { cwd: place }).map((file) => readFileSync(join(place, file), "utf8"));
    // Where the bundler puts a file into a bundle, it names it.
    const named = parts.join("\n").matchAll(/^\/\/ \S*\bnode_modules\/((?:@[^/\s]+\/)?[^/\s]+)\/\S+$/gm);
    const bundled = new Set(Array.from(named, ([, name = ""]) => name));
    expect(bundled).toContain("js-yaml");
    // Only parts that are loaded late have these.
    expect(bundled).toContain("ssh2");
    expect(bundled).toContain("@clack/prompts");
    const listed = new Map(
      textOf("dist/THIRD-PARTY-LICENSES.txt")
        .split(/^-{80}\n\n/m)
        .map((entry) => [/^\S+/.exec(entry)?.[0] ?? "", entry]),
    );
    expect([...bundled].filter((name) => !listed.has(name))).toEqual([]);
    const hasText = (entry: string): boolean => entry.length > 600 && /AS IS|WARRANT/i.test(entry);
    expect([...listed].filter(([, entry]) => !hasText(entry)).map(([name]) => name)).toEqual([]);
  });
});

describe("whoever installs it", () => {
  const version = `${manifest.version}\n`;

  it("for all gets a program, and its manual page where man looks for it", () => {
    const prefix = folder();
    const caches = folder();
    npm(["install", "--global", `--prefix=${prefix}`, "--offline", "--no-audit", "--no-fund", TARBALL], { caches });
    const ran = spawnSync(join(prefix, "bin/mcpfier"), ["--version"], { cwd: prefix, encoding: "utf8" });
    expect(ran).toMatchObject({ stdout: version, stderr: "", status: 0 });
    expect(readFileSync(join(prefix, "share/man/man1/mcpfier.1"), "utf8")).toBe(textOf("man/mcpfier.1"));
  });

  it("by npx, from an empty folder, has it run once", () => {
    const place = folder();
    expect(
      npm(["exec", "--yes", "--offline", `--package=${TARBALL}`, "--", "mcpfier", "--version"], {
        cwd: place,
        caches: folder(),
      }),
    ).toBe(version);
    expect(readdirSync(place)).toEqual([]);
  });
});
