import type { Client } from "./client.ts";
import { antigravity } from "./clients/antigravity.ts";
import { claudeCode } from "./clients/claude-code.ts";
import { claudeDesktop } from "./clients/claude-desktop.ts";
import { cline } from "./clients/cline.ts";
import { copilotCli } from "./clients/copilot-cli.ts";
import { cursor } from "./clients/cursor.ts";
import { geminiCli } from "./clients/gemini-cli.ts";
import { kiro } from "./clients/kiro.ts";
import { lmStudio } from "./clients/lm-studio.ts";
import { vscode } from "./clients/vscode.ts";
import { windsurf } from "./clients/windsurf.ts";
import { zed } from "./clients/zed.ts";

/** Every client whose file is written, in the order in which they are told of. */
export const clients: readonly Client[] = [
  claudeDesktop,
  claudeCode,
  cursor,
  vscode,
  copilotCli,
  windsurf,
  zed,
  geminiCli,
  antigravity,
  cline,
  lmStudio,
  kiro,
];

/** Clients that are known and whose files are not written: where the entry goes, for who writes it there. */
export const unwritten: Readonly<Record<string, string>> = {
  codex: "~/.codex/config.toml, a table [mcp_servers.NAME] with `command` and `args`",
  goose: "~/.config/goose/config.yaml, below `extensions`, with `type: stdio`, `cmd` and `args`",
  continue: "a file of its own in .continue/mcpServers, which may be the JSON that --print prints",
  opencode: "opencode.json, below `mcp`, with `type: local` and `command` as one list",
  jetbrains: "the settings of the IDE, which take the JSON that --print prints",
};
