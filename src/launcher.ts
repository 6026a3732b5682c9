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
  // The protocol library's schemas check few messages each: compiling them takes longer than it saves. They are made as it is loaded.
  Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
  process.getBuiltinModule("node:module").enableCompileCache();
  void import("./main.ts").then(({ main }) => main());
}
