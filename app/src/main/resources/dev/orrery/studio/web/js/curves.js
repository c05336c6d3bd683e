// Learning curves: points that arrive while a run goes on, smoothed and drawn by uPlot.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from './dom.js';
import uPlot from 'uplot';
import { figure } from './parts.js';
import { probe } from './server.js';
import { onChange } from './theme.js';

const HEIGHT = 200;

/** A run keeps its colour for as long as the page shows it. */
export const colour = (index) => `var(--c${index % 8})`;
const painted = (name) => getComputedStyle(document.documentElement).getPropertyValue(name.replace(/var\((.*)\)/, '$1')).trim();

/** Whether somebody can see the page; a hidden one needs no stream, and browsers allow only a few. */
function useSeen() {
  const [seen, set] = useState(!document.hidden);
  useLayoutEffect(() => {
    const look = () => set(!document.hidden);
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return seen;
}

/**
 * Follows the metrics of some runs as the server tails them.
 * @returns `{ curves: { run: { tag: { steps, values } } }, problems: [sentence] }`
 */
export function useCurves(runs) {
  const [curves, set] = useState({});
  const [problems, setProblems] = useState({});
  const key = runs.join('\n');
  const seen = useSeen();
  useLayoutEffect(() => {
    const still = (all) => Object.fromEntries(Object.entries(all).filter(([run]) => runs.includes(run)));
    set(still);
    setProblems({});
    if (!runs.length || !seen) return undefined;
    const source = new EventSource(`/api/runs/curves?${new URLSearchParams(runs.map((run) => ['run', run]))}`);
    source.addEventListener('points', (event) => {
      const { run, fresh, points } = JSON.parse(event.data);
      set((old) => ({ ...old, [run]: fresh ? points : joined(old[run], points) }));
    });
    source.addEventListener('problem', (event) => {
      const { run = '', error } = JSON.parse(event.data);
      setProblems((old) => ({ ...old, [run]: error }));
    });
    source.onerror = probe;
    return () => source.close();
  }, [key, seen]);
  return { curves, problems: Object.values(problems).filter(Boolean) };
}

function joined(old = {}, more) {
  const result = { ...old };
  for (const [tag, { steps, values }] of Object.entries(more)) {
    const had = result[tag] ?? { steps: [], values: [] };
    result[tag] = { steps: had.steps.concat(steps), values: had.values.concat(values) };
  }
  return result;
}

/** An exponential moving average without the pull of its start; 0 leaves the values as they are. */
export function smoothed(values, weight) {
  if (!weight) return values;
  let mean = 0, norm = 1;
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return value;
    mean = mean * weight + (1 - weight) * value;
    norm *= weight;
    return mean / (1 - norm);
  });
}

/** Lays several series over one axis of steps; where a run logged nothing there is a gap to span. */
function table(series) {
  const steps = [...new Set(series.flatMap((s) => s.steps))].sort((a, b) => a - b);
  const place = new Map(steps.map((step, i) => [step, i]));
  const columns = series.map((s) => {
    const column = new Array(steps.length).fill(null);
    s.steps.forEach((step, i) => { column[place.get(step)] = s.values[i]; });
    return column;
  });
  return { steps, columns };
}

/** Whether the element has come near the window; once it has, it stays so. */
function useNear(box) {
  const [near, set] = useState(false);
  useLayoutEffect(() => {
    const watch = new IntersectionObserver((entries) => { if (entries.some((e) => e.isIntersecting)) { set(true); watch.disconnect(); } }, { rootMargin: '300px' });
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  return near;
}

/**
 * One chart: a tag over the steps of every run that logged it. It is drawn once it comes into view, and computes
 * anew only what changed.
 * @param lines `[{ name, paint, steps, values }]`
 */
export function Chart({ tag, lines, weight, log }) {
  const box = useRef(), plot = useRef();
  const [at, setAt] = useState(null);
  const [theme, setTheme] = useState(0);
  const near = useNear(box);
  useLayoutEffect(() => onChange(() => setTheme((n) => n + 1)), []);
  const { steps, columns } = useMemo(() => table(lines), lines.flatMap((l) => [l.steps, l.values]));
  const smooth = useMemo(() => columns.map((column) => spread(column, weight)), [columns, weight]);
  const data = useMemo(() => (weight ? [steps, ...columns, ...smooth] : [steps, ...columns]), [steps, columns, smooth]);
  const positive = useMemo(() => columns.every((c) => c.every((v) => v === null || v > 0)), [columns]);
  const scale = log && positive;
  const shape = JSON.stringify([lines.map((l) => [l.name, l.paint, l.steps.length < 3]), weight > 0, scale, theme, near]);

  useLayoutEffect(() => {
    if (!near) return undefined;
    const ink = painted('--ink-3'), grid = painted('--line');
    const axis = { stroke: ink, font: '11px Inter Variable, system-ui', grid: { stroke: grid, width: 1 }, ticks: { show: false }, gap: 6 };
    const line = (l, faint, width) => ({ label: l.name, stroke: painted(l.paint), width, spanGaps: true, points: { show: l.steps.length < 3, size: 6 }, alpha: faint ? 0.25 : 1 });
    const options = {
      width: box.current.clientWidth, height: HEIGHT, legend: { show: false }, padding: [10, 10, 0, 0],
      cursor: { sync: { key: 'steps' }, y: false, points: { size: 7 } },
      scales: { x: { time: false }, y: { distr: scale ? 3 : 1 } },
      axes: [{ ...axis, size: 26, values: (_, ticks) => ticks.map(figure) }, { ...axis, size: 54, values: (_, ticks) => ticks.map((t) => (t === null ? '' : figure(t))) }],
      series: [{}, ...(weight ? lines.map((l) => line(l, true, 1)) : []), ...lines.map((l) => line(l, false, 1.8))],
      hooks: { setCursor: [(u) => setAt(u.cursor.idx ?? null)] },
    };
    const chart = new uPlot(options, data, box.current);
    plot.current = chart;
    const watch = new ResizeObserver(() => chart.setSize({ width: box.current.clientWidth, height: HEIGHT }));
    watch.observe(box.current);
    return () => { watch.disconnect(); chart.destroy(); plot.current = null; };
  }, [shape]);
  useEffect(() => { if (plot.current && plot.current.data !== data) append(plot.current, data); }, [data]);

  const shown = weight ? smooth : columns;
  return html`<figure class="panel chart" data-tag=${tag} data-points=${steps.length}>
    <figcaption class="row apart"><strong class="name">${tag}</strong><span class="small faint num nowrap">${at !== null && at < steps.length ? `step ${figure(steps[at])}` : log && !positive ? 'not positive: linear scale' : ''}</span></figcaption>
    <div class="plot" ref=${box} role="img" aria-label=${`${tag}: ${lines.map((l, i) => `${l.name} ${figure(last(shown[i]))}`).join(', ')}`}></div>
    <ul class="legend">${lines.map((l, i) => html`<li key=${l.name}><i style=${{ background: l.paint }} /><span class="clip" title=${l.name}>${l.name}</span>
      <span class="num mono">${figure(at === null ? last(shown[i]) : before(shown[i], at))}</span></li>`)}</ul>
  </figure>`;
}

/** Gives a chart more points; what somebody has zoomed into stays in view. */
function append(chart, data) {
  const steps = chart.data[0], { min, max } = chart.scales.x;
  const zoomed = steps.length > 1 && (min > steps[0] || max < steps.at(-1));
  chart.setData(data, !zoomed);
  if (zoomed) chart.redraw();
}

/** Smooths a column over its own values, gaps left where they are. */
function spread(column, weight) {
  const own = smoothed(column.filter((v) => v !== null), weight);
  let next = 0;
  return column.map((v) => (v === null ? null : own[next++]));
}

function last(column) {
  for (let i = column.length - 1; i >= 0; i--) if (column[i] !== null) return column[i];
  return null;
}

/** The newest value at or before a place of the axis. */
function before(column, at) {
  for (let i = Math.min(at, column.length - 1); i >= 0; i--) if (column[i] !== null) return column[i];
  return null;
}
