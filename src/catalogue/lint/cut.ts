/** What clients make of a tool's name, where the server is called as `mcpfier setup` calls it. */
export const PREFIX = "mcp__mcpfier__";
export const LONGEST = 64;

export interface Cut {
  readonly who: string;
  readonly shown: (name: string) => string;
}

/** Gemini CLI 0.x (`generateValidName`): of more than 63 characters the first 28 and the last 32 stay. */
function withoutMiddle(name: string): string {
  return name.length > 63 ? `${name.slice(0, 28)}___${name.slice(-32)}` : name;
}

export const CUTS: readonly Cut[] = [
  { who: "clients that keep 63 characters", shown: (name) => name.slice(0, 63) },
  {
    who: `clients that write \`${PREFIX}\` before it and keep ${LONGEST}`,
    shown: (name) => `${PREFIX}${name}`.slice(0, LONGEST),
  },
  { who: "Gemini CLI", shown: (name) => withoutMiddle(`mcp_mcpfier_${name}`) },
  { who: "older versions of Gemini CLI", shown: withoutMiddle },
];
