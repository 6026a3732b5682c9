import type { Format } from "./format.ts";

/** Workflow commands of GitHub Actions, which become annotations. */
export const github: Format = (problems) =>
  problems
    .map(({ severity, file, line, column, endColumn, rule, message, hint }) => {
      const place = `file=${property(file)},line=${line},col=${column},endColumn=${endColumn - 1},title=${property(rule)}`;
      return `::${severity} ${place}::${data(hint === "" ? message : `${message} (${hint})`)}\n`;
    })
    .join("");

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
