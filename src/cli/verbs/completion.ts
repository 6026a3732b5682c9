import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Argument } from "commander";
import { EXIT, type Verb } from "../verb.ts";

/** The file of each shell in `completions/`, and where its user puts it. */
const SHELLS = {
  bash: {
    file: "mcpfier.bash",
    place: "~/.local/share/bash-completion/completions/mcpfier, or `source <(mcpfier completion bash)` in ~/.bashrc",
  },
  zsh: {
    file: "_mcpfier",
    place: "a folder of $fpath, as _mcpfier, or `source <(mcpfier completion zsh)` behind compinit in ~/.zshrc",
  },
  fish: { file: "mcpfier.fish", place: "~/.config/fish/completions/mcpfier.fish" },
  powershell: {
    file: "mcpfier.ps1",
    place: "$PROFILE: `mcpfier completion powershell | Out-String | Invoke-Expression`",
  },
} as const;

export const completion: Verb = {
  name: "completion",
  summary: "print the script that completes commands, parameters and values in a shell",
  example: "mcpfier completion bash > ~/.local/share/bash-completion/completions/mcpfier",
  declare: (parser) => {
    parser.addArgument(new Argument("<shell>", "the shell").choices(Object.keys(SHELLS)));
    const places = Object.entries(SHELLS).map(([shell, { place }]) => `  ${shell}: ${place}\n`);
    parser.addHelpText("after", `\nWhere it goes:\n${places.join("").trimEnd()}`);
  },
  run: async ({ stdout, packageFolder }, [shell = ""]) => {
    const { file } = SHELLS[shell as keyof typeof SHELLS];
    stdout.write(readFileSync(join(packageFolder, "completions", file), "utf8"));
    return EXIT.fine;
  },
};
