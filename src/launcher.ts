// The bin. It must parse on every Node that can load ES modules, so it imports nothing before the version is known.

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `mcpfier needs Node.js 22.18 or newer, and this is ${process.versions.node}: install a newer one from https://nodejs.org.\n`,
  );
  process.exitCode = 1;
} else {
  // stdout belongs to the protocol or to the command's output.
  // oxlint-disable-next-line no-console
  globalThis.console = new console.Console(process.stderr);
  // The protocol library's schemas check few messages each: compiling them takes longer than it saves. What they check is JSON, in
  // which nothing is part of itself, so that the maps by which such is found are not made. Both count from its loading on.
  const memoizer = { attach() {}, guard() {}, alloc: (_schema: unknown, _payload: unknown, empty: unknown) => empty };
  Object.assign(globalThis, { __zod_globalConfig: { jitless: true, memoizer } });
  keepCompiled();
  void import("./main.ts").then(({ main }) => main());
}

/**
 * Has V8 keep what it compiles: in a folder of this user's own, because Node's default is below the one for temporary files, where others
 * may put what would be run. Where that cannot be had everything is compiled at each start. `NODE_COMPILE_CACHE` is the user's word.
 */
function keepCompiled(): void {
  const { enableCompileCache } = process.getBuiltinModule("node:module");
  const { XDG_CACHE_HOME, NODE_COMPILE_CACHE } = process.env;
  if (NODE_COMPILE_CACHE) return void enableCompileCache();
  try {
    const { mkdirSync, statSync } = process.getBuiltinModule("node:fs");
    const caches = XDG_CACHE_HOME || `${process.getBuiltinModule("node:os").homedir()}/.cache`;
    const isOurs = (folder: string): boolean => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const { uid, mode } = statSync(folder);
      return uid === process.getuid?.() && (mode & 0o022) === 0;
    };
    if (isOurs(`${caches}/mcpfier`) && isOurs(`${caches}/mcpfier/node`)) enableCompileCache(`${caches}/mcpfier/node`);
  } catch {
    // A cache must never be the reason why something fails.
  }
  return undefined;
}
