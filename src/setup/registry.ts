import type { Client } from "./client.ts";
import { amp } from "./clients/amp.ts";
import { antigravity } from "./clients/antigravity.ts";
import { claudeCode } from "./clients/claude-code.ts";
import { claudeDesktop } from "./clients/claude-desktop.ts";
import { cline } from "./clients/cline.ts";
import { codex } from "./clients/codex.ts";
import { continueDev } from "./clients/continue.ts";
import { copilotCli } from "./clients/copilot-cli.ts";
import { cursor } from "./clients/cursor.ts";
import { devin } from "./clients/devin.ts";
import { geminiCli } from "./clients/gemini-cli.ts";
import { goose } from "./clients/goose.ts";
import { jetbrains } from "./clients/jetbrains.ts";
import { kiro } from "./clients/kiro.ts";
import { lmStudio } from "./clients/lm-studio.ts";
import { opencode } from "./clients/opencode.ts";
import { qwenCode } from "./clients/qwen-code.ts";
import { vscode } from "./clients/vscode.ts";
import { windsurf } from "./clients/windsurf.ts";
import { zed } from "./clients/zed.ts";

/** Every client, in the order in which they are told of. */
export const clients: readonly Client[] = [
  claudeDesktop,
  claudeCode,
  cursor,
  vscode,
  copilotCli,
  windsurf,
  zed,
  codex,
  geminiCli,
  antigravity,
  goose,
  cline,
  continueDev,
  jetbrains,
  lmStudio,
  opencode,
  kiro,
  devin,
  qwenCode,
  amp,
];
