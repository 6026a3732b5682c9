// Which charts are made of the record.
import { type Bar, type Curve, type Panel, bars, curves } from "./chart.ts";
import type { Record } from "./record.ts";
import type { Figure } from "./row.ts";
import { peers } from "./peers.ts";

/** The charts that what is recorded suffices for, by the names of their files. */
export function charts(record: Record): Readonly<{ [file: string]: string }> {
  const all: readonly (readonly [string, string | undefined])[] = [
    ["start.svg", start(record)],
    ["calls.svg", calls(record)],
    ["output.svg", output(record)],
    ["scale.svg", scale(record)],
    ["soak.svg", soak(record)],
    ["peers.svg", others(record)],
  ];
  return Object.fromEntries(all.flatMap(([file, text]) => (text === undefined ? [] : [[file, text]])));
}

interface Source {
  readonly label: string;
  readonly id: string;
  readonly name?: string;
  readonly own?: boolean;
}

function start(record: Record): string | undefined {
  return chart("Start and memory, beside a bare Node script", [
    panel(record, "From the spawn to the answer", "× the script's time", [
      { label: "initialize, 20 commands", id: "start", name: "to `initialize`" },
      { label: "tools/list, 20 commands", id: "start" },
      { label: "the same, nothing cached", id: "start-fresh" },
      { label: "tools/list, 1,000 commands", id: "scale-1000" },
      { label: "tools/list, 10,000 commands", id: "scale-10000" },
    ]),
    panel(record, "Resident memory then", "× the script's", [{ label: "20 commands", id: "start", name: "memory" }]),
  ]);
}

function calls(record: Record): string | undefined {
  return chart("Calls of true, beside the same spawn by the client", [
    panel(record, "Time of a call", "× the spawn's time: less is better", [
      { label: "process group, p50", id: "call", name: "p50" },
      { label: "process group, p99", id: "call", name: "p99" },
      { label: "pid namespace, p50", id: "call-namespace", name: "p50" },
    ]),
    panel(record, "Calls a second", "× the spawns a second: more is better", [
      { label: "one caller", id: "callers-1" },
      { label: "8 callers", id: "callers-8" },
      { label: "64 callers", id: "callers-64" },
      { label: "64 callers, pid namespace", id: "callers-64-namespace" },
    ]),
  ]);
}

function output(record: Record): string | undefined {
  return chart("Output through a call, beside a reader by hand", [
    panel(record, "Throughput", "× the reader's: more is better", [
      { label: "1 GiB", id: "output" },
      { label: "2 GiB", id: "output-2" },
      { label: "1 GiB of lines, with progress", id: "lines" },
      { label: "200 MB of a container", id: "container-output" },
    ]),
    panel(record, "Growth of the server's memory meanwhile", "MiB", [
      { label: "1 GiB", id: "output", name: "growth" },
      { label: "2 GiB", id: "output-2", name: "growth" },
      { label: "1 GiB of lines, with progress", id: "lines", name: "growth" },
      { label: "200 MB of a container", id: "container-output", name: "growth" },
    ]),
  ]);
}

const SIZES = [10, 100, 1000, 10_000] as const;

function scale(record: Record): string | undefined {
  const points = (of: (figure: Figure) => number | undefined): (readonly [number, number])[] =>
    SIZES.flatMap((count) => {
      const found = figureOf(record, { id: `scale-${count}`, label: "" });
      const y = found && of(found);
      return y === undefined ? [] : [[count, y] as const];
    });
  const shown: Curve[] = [
    { label: "mcpfier", points: points(({ of }) => of?.ours) },
    { label: "a bare script, same bytes", points: points(({ of }) => of?.floor) },
  ];
  if (shown.some((curve) => curve.points.length < 2)) return undefined;
  return curves(
    "Cold start to tools/list by the size of the catalogue",
    { x: "commands", y: "ms", decades: true },
    shown,
  );
}

function soak(record: Record): string | undefined {
  const shown = (["resident memory", "heap"] as const).flatMap((name): Curve[] => {
    const course = figureOf(record, { id: "soak", name, label: "" })?.course;
    return course === undefined || course.length < 2 ? [] : [{ label: name, points: course }];
  });
  if (shown.length === 0) return undefined;
  return curves("Memory under mixed calls, after collecting garbage", { x: "minutes", y: "MB" }, shown);
}

function others(record: Record): string | undefined {
  const sources = (name: string): Source[] =>
    peers.map(({ id, what }) => ({ label: what, id, name, own: what.startsWith("mcpfier") }));
  return chart("Beside other servers from npm", [
    panel(record, "Cold start to tools/list", "× a bare script's time", sources("start")),
    panel(record, "Resident memory then", "MB", sources("memory")),
    panel(record, "A call of true, p50", "× a direct spawn's time", sources("call p50")),
    panel(record, "64 callers at once", "× the direct spawns a second: more is better", sources("64 at once")),
  ]);
}

function chart(title: string, panels: readonly Panel[]): string | undefined {
  const shown = panels.filter(({ bars: each }) => each.length > 0);
  return shown.length === 0 ? undefined : bars(title, shown);
}

function panel(record: Record, title: string, unit: string, sources: readonly Source[]): Panel {
  const found = sources.flatMap((source): Bar[] => {
    const figure = figureOf(record, source);
    if (figure === undefined) return [];
    const { label, own = true } = source;
    const target = figure.target && ("atMost" in figure.target ? figure.target.atMost : figure.target.atLeast);
    const spread = [figure.low, figure.high] as const;
    return [{ label, own, value: figure.median, spread, ...(target !== undefined && { target }) }];
  });
  return { title, unit, bars: found };
}

function figureOf(record: Record, { id, name = "" }: Source): Figure | undefined {
  return record[id]?.figures.find((figure) => figure.name === name);
}
