// Charts as SVG, by hand: readable on a light and on a dark page.

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** The quartiles; none of a count. */
  readonly spread?: readonly [number, number];
  /** A limit that the bar should end before, or reach. */
  readonly target?: number;
  /** Set off from the others. */
  readonly own?: boolean;
}

export interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 760;
const SIZE = { label: 120, value: 90, bar: 22, gap: 8, head: 30, axis: 34 } as const;
/** A character of the widest fonts that stand for the system's, and as many as a label shows. */
const LABEL = { character: 8.2, most: 44 } as const;

const STYLE = `<style>
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 15px } .small { font-size: 11px; fill: #59636e }
  .value { stroke: #ffffff; stroke-width: 4px; paint-order: stroke }
  .bar { fill: #8c959f } .own { fill: #0969da } .spread, .line { stroke: #1f2328; fill: none }
  .grid { stroke: #d1d9e0 } .target { stroke: #cf222e; stroke-width: 2; stroke-dasharray: 4 2 }
  .s0 { stroke: #0969da; fill: #0969da } .s1 { stroke: #8250df; fill: #8250df } .s2 { stroke: #bc4c00; fill: #bc4c00 }
  .curve { fill: none; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .small { fill: #9198a1 } .value { stroke: #0d1117 } .bar { fill: #656c76 } .own { fill: #4493f8 }
    .spread, .line { stroke: #e6edf3 } .grid { stroke: #3d444d } .target { stroke: #f85149 }
    .s0 { stroke: #4493f8; fill: #4493f8 } .s1 { stroke: #ab7df8; fill: #ab7df8 } .s2 { stroke: #db6d28; fill: #db6d28 }
    .curve { fill: none }
  }
</style>`;

/** Bars below each other, in panels of their own scale; a thin line shows the spread, a red one the target. */
export function bars(title: string, panels: readonly Panel[]): string {
  const parts: string[] = [];
  const labels = panels.flatMap(({ bars: shown }) => shown.map(({ label }) => characters(shortened(label)).length));
  const left = Math.max(SIZE.label, Math.ceil(Math.max(0, ...labels) * LABEL.character) + 8);
  let top = SIZE.head;
  for (const panel of panels) {
    parts.push(panelOf(panel, top, left));
    top += panelHeight(panel) + SIZE.gap;
  }
  if (panels.some(({ bars: shown }) => shown.some(({ target }) => target !== undefined))) parts.push(LEGEND);
  return svg(title, top, parts);
}

const LEGEND = `<line class="target" x1="${WIDTH - 50}" x2="${WIDTH - 50}" y1="4" y2="20"/>
<text class="small" x="${WIDTH}" y="16" text-anchor="end">target</text>`;

function panelHeight({ bars: shown }: Panel): number {
  return SIZE.head + shown.length * (SIZE.bar + SIZE.gap) + SIZE.axis;
}

function panelOf({ title, unit, bars: shown }: Panel, top: number, left: number): string {
  const most = Math.max(...shown.flatMap(({ value, spread, target }) => [value, spread?.[1] ?? 0, target ?? 0]));
  const ticks = ticksTo(most);
  const end = ticks.at(-1) ?? 1;
  const room = WIDTH - left - SIZE.value;
  const x = (value: number): string => point(left + (value / end) * room);
  const first = top + SIZE.head;
  const last = first + shown.length * (SIZE.bar + SIZE.gap);
  const grid = ticks.map(
    (tick) => `<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="${first - 4}" y2="${last}"/>
<text class="small" x="${x(tick)}" y="${last + 14}" text-anchor="middle">${amount(tick)}</text>`,
  );
  const lines = shown.map((bar, at) => barOf(bar, first + at * (SIZE.bar + SIZE.gap), x));
  return `<text x="0" y="${top + 16}">${escaped(title)}</text>
<text class="small" x="${WIDTH}" y="${top + 16}" text-anchor="end">${escaped(unit)}</text>
${grid.join("\n")}
${lines.join("\n")}`;
}

function barOf({ label, value, spread, target, own }: Bar, y: number, x: (value: number) => string): string {
  const middle = y + SIZE.bar / 2;
  const left = Number(x(0));
  const width = point(Number(x(value)) - left);
  const shown = shortened(label);
  const whole = shown === label ? "" : `<title>${escaped(label)}</title>`;
  const whisker =
    spread && `<line class="spread" x1="${x(spread[0])}" x2="${x(spread[1])}" y1="${middle}" y2="${middle}"/>`;
  const limit =
    target && `<line class="target" x1="${x(target)}" x2="${x(target)}" y1="${y - 3}" y2="${y + SIZE.bar + 3}"/>`;
  const right = point(Math.max(...[value, spread?.[1] ?? 0, target ?? 0].map((each) => Number(x(each)))) + 6);
  return `<text x="${left - 8}" y="${middle + 4}" text-anchor="end">${whole}${escaped(shown)}</text>
<rect class="${own === false ? "bar" : "own"}" x="${left}" y="${y}" width="${width}" height="${SIZE.bar}" rx="2"/>
${[whisker, limit].filter(Boolean).join("\n")}
<text class="value" x="${right}" y="${middle + 4}">${amount(value)}</text>`;
}

/** Its end, which tells one package from another. */
function shortened(label: string): string {
  const all = characters(label);
  return all.length > LABEL.most ? `…${all.slice(1 - LABEL.most).join("")}` : label;
}

function characters(text: string): readonly string[] {
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
}

export interface Curve {
  readonly label: string;
  readonly points: readonly (readonly [number, number])[];
}

export interface Axes {
  readonly x: string;
  readonly y: string;
  /** Each step is ten times the one before. */
  readonly decades?: boolean;
}

const PLOT = { left: 60, right: 24, top: 56, height: 260 } as const;

/** Curves over a common axis that begins at nothing, or over decades. */
export function curves(title: string, axes: Axes, shown: readonly Curve[]): string {
  const points = shown.flatMap(({ points: each }) => each);
  const scaled = (x: number): number => (axes.decades ? Math.log10(x) : x);
  const xs = points.map(([x]) => scaled(x));
  const [low, high] = [axes.decades ? Math.min(...xs) : 0, Math.max(...xs)];
  const ticks = ticksTo(Math.max(...points.map(([, y]) => y)));
  const end = ticks.at(-1) ?? 1;
  const width = WIDTH - PLOT.left - PLOT.right;
  const bottom = PLOT.top + PLOT.height;
  const left = (x: number): string => point(PLOT.left + ((scaled(x) - low) / (high - low || 1)) * width);
  const height = (y: number): string => point(bottom - (y / end) * PLOT.height);
  const across = axes.decades ? [...new Set(points.map(([x]) => x))] : ticksTo(high).filter((tick) => tick <= high);
  const parts = [
    ...ticks.map(
      (
        tick,
      ) => `<line class="grid" x1="${PLOT.left}" x2="${WIDTH - PLOT.right}" y1="${height(tick)}" y2="${height(tick)}"/>
<text class="small" x="${PLOT.left - 6}" y="${Number(height(tick)) + 4}" text-anchor="end">${amount(tick)}</text>`,
    ),
    ...across.map(
      (tick) => `<text class="small" x="${left(tick)}" y="${bottom + 16}" text-anchor="middle">${amount(tick)}</text>`,
    ),
    `<text class="small" x="${WIDTH - PLOT.right}" y="${bottom + 32}" text-anchor="end">${escaped(axes.x)}</text>`,
    `<text class="small" x="0" y="${PLOT.top - 10}">${escaped(axes.y)}</text>`,
    ...shown.map(({ label, points: each }, at) => {
      const path = each.map(([x, y]) => `${left(x)},${height(y)}`).join(" ");
      const dots = axes.decades
        ? each.map(([x, y]) => `<circle class="s${at}" cx="${left(x)}" cy="${height(y)}" r="3"/>`)
        : [];
      return `<polyline class="curve s${at}" points="${path}"/>
${dots.join("\n")}
<rect class="s${at}" x="${160 + at * 200}" y="${PLOT.top - 20}" width="12" height="12"/>
<text x="${178 + at * 200}" y="${PLOT.top - 9}">${escaped(label)}</text>`;
    }),
  ];
  return svg(title, bottom + 40, parts);
}

function svg(title: string, height: number, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">
${STYLE}
<text class="title" x="0" y="18">${escaped(title)}</text>
${parts.join("\n")}
</svg>
`;
}

/** Round numbers from 0 to one that is not below `most`; about five. What is next to nothing is drawn as nothing. */
export function ticksTo(most: number): number[] {
  if (!(most > 1e-12) || !Number.isFinite(most)) return [0, 1];
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const count = Math.ceil(most / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, at) => Number((at * step).toPrecision(12)));
}

function amount(value: number): string {
  if (value === 0 || Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}

function point(value: number): string {
  return String(Number(value.toFixed(1)));
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
