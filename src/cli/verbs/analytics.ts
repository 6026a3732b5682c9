import { InvalidArgumentError, Option } from "commander";
import { databaseOf } from "../../stores/analytics/analytics.ts";
import type { Report, Trend } from "../../stores/analytics/report.ts";
import type { Key } from "../../stores/analytics/statistics.ts";
import { type Look, table, time } from "../chart.ts";
import { openCatalogue } from "../open.ts";
import { painter, plural } from "../print.ts";
import { type Context, EXIT, type Verb } from "../verb.ts";

const MOST_DAYS = 3650;

export const analytics: Verb = {
  name: "analytics",
  summary: "tell how often commands were called, how they ended and how long they took",
  example: "mcpfier --analytics --days 30 --by day",
  declare: (parser) => {
    parser.option("--days <n>", "how many days back", daysOf, 7);
    parser.option("--json", "print the figures as JSON");
    parser.addOption(
      new Option("--by <what>", "what the calls are grouped by").choices(["command", "executor", "day"]),
    );
  },
  run: async (context, _words, options) => {
    const catalogue = await openCatalogue(context);
    if (!catalogue) return EXIT.fatal;
    const settings = catalogue.settings.analytics;
    const path = databaseOf(settings, context.host);
    if (!settings.enabled)
      context.stderr.write(
        "mcpfier: calls are not being recorded: set `analytics: { enabled: true }` in the catalogue\n",
      );
    const { readReport } = await import("../../stores/analytics/report.ts");
    const days = options["days"] as number;
    const by = (options["by"] as Key | undefined) ?? null;
    const { report, reason, isFault } = readReport({ path, days, by, now: Date.now() });
    if (reason !== "") context.stderr.write(`mcpfier: ${isFault ? "cannot be read: " : ""}${path}: ${reason}\n`);
    if (isFault) return EXIT.fatal;
    if (options["json"] === true)
      context.stdout.write(`${JSON.stringify({ database: path, days, ...report }, null, 2)}\n`);
    else if (reason === "" || report.total_commands > 0) context.stdout.write(textOf(report, days, lookOf(context)));
    return EXIT.fine;
  },
};

function daysOf(text: string): number {
  const days = Number(text);
  if (/^\d+$/.test(text) && days >= 1 && days <= MOST_DAYS) return days;
  throw new InvalidArgumentError(`expected a whole number from 1 to ${MOST_DAYS}, such as 30`);
}

/** Some terminals do not know how wide they are, and say 0. */
const USUAL_COLUMNS = 80;

function lookOf(context: Context): Look {
  const { stdout } = context;
  return { paint: painter(context, stdout), columns: stdout.isTTY ? stdout.columns || USUAL_COLUMNS : null };
}

function textOf(report: Report, days: number, look: Look): string {
  const period = days === 1 ? "the last 24 hours" : `the last ${days} days`;
  if (report.total_commands === 0) return `No calls in ${period}.\n`;
  const { trend, outcomes, by_command, by_executor, by_day } = report;
  const ends = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome.replaceAll("_", " ")}`);
  const rows: readonly (readonly [string, string, string])[] = [
    ["calls", String(report.total_commands), changeText(trend.total_commands, "%")],
    ["success rate", `${report.success_rate.toFixed(1)} %`, changeText(trend.success_rate, "points")],
    ["average time", time(report.avg_duration_ms), changeText(trend.avg_duration_ms, "%")],
    ["p50, p95, p99", [report.p50_ms, report.p95_ms, report.p99_ms].map(time).join(", "), ""],
    ["errors in 24 h", String(report.errors_last_24h), ""],
    ["outcomes", ends.join(", "), ""],
  ];
  const lines = rows.map(
    ([name, value, change]) => `  ${name.padEnd(16)}${value}${change && `  ${look.paint("dim", change)}`}`,
  );
  const commands = by_command ?? (by_executor && by_day ? report.top_commands : undefined);
  const tables = [
    commands && table(by_command ? "By command" : "Top commands", commands, look),
    by_executor && table("By executor", by_executor, look),
    by_day && table("By day", by_day, look),
  ];
  const head = `${look.paint("bold", `${plural(report.total_commands, "call")} in ${period}`)}${previousText(trend)}`;
  return [head, "", ...lines, "", ...tables.filter((each) => each !== undefined)].join("\n");
}

function previousText({ previous }: Trend): string {
  return previous.total_commands === 0 ? "" : ` (against ${previous.total_commands} in as many before)`;
}

function changeText(change: number | null, unit: string): string {
  return change === null ? "" : `${change > 0 ? "+" : ""}${change.toFixed(1)} ${unit}`;
}
