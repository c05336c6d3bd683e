// Learning curves: points that arrive while a run goes on, smoothed and drawn by uPlot.
import { html, useEffect, useRef, useState } from './dom.js';
import uPlot from 'uplot';
import { figure } from './parts.js';
import { onChange } from './theme.js';

/** A run keeps its colour for as long as the page shows it. */
export const colour = (index) => `var(--c${index % 8})`;
const painted = (name) => getComputedStyle(document.documentElement).getPropertyValue(name.replace(/var\((.*)\)/, '$1')).trim();

/** Follows the metrics of some runs as the server tails them: `{ run: { tag: { steps, values } } }`. */
export function useCurves(runs) {
  const [curves, set] = useState({});
  const [problem, setProblem] = useState('');
  const key = runs.join('\n');
  useEffect(() => {
    set({});
    setProblem('');
    if (!runs.length) return undefined;
    const source = new EventSource(`/api/runs/curves?${new URLSearchParams(runs.map((run) => ['run', run]))}`);
    source.addEventListener('points', (event) => {
      const { run, fresh, points } = JSON.parse(event.data);
      setProblem('');
      set((old) => ({ ...old, [run]: fresh ? points : joined(old[run], points) }));
    });
    source.addEventListener('problem', (event) => { setProblem(JSON.parse(event.data).error); });
    source.onerror = () => setProblem('The studio server does not answer; curves stand still until it does.');
    source.onopen = () => setProblem('');
    return () => source.close();
  }, [key]);
  return { curves, problem };
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

/**
 * One chart: a tag over the steps of every run that logged it.
 * @param lines `[{ name, paint, steps, values }]`
 */
export function Chart({ tag, lines, weight, log }) {
  const box = useRef(), plot = useRef();
  const [at, setAt] = useState(null);
  const [theme, setTheme] = useState(0);
  useEffect(() => onChange(() => setTheme((n) => n + 1)), []);
  const shape = JSON.stringify([lines.map((l) => [l.name, l.steps.length < 3]), weight > 0, log, theme]);
  const { steps, columns } = table(lines);
  const smooth = lines.map((line, i) => spread(columns[i], weight));
  const data = weight ? [steps, ...columns, ...smooth] : [steps, ...columns];

  useEffect(() => {
    const ink = painted('--ink-3'), grid = painted('--line');
    const axis = { stroke: ink, font: '11px Inter Variable, system-ui', grid: { stroke: grid, width: 1 }, ticks: { show: false }, gap: 6 };
    const line = (l, faint, width) => ({ label: l.name, stroke: painted(l.paint), width, spanGaps: true, points: { show: l.steps.length < 3, size: 6 }, alpha: faint ? 0.25 : 1 });
    const options = {
      width: box.current.clientWidth, height: 200, legend: { show: false }, padding: [10, 10, 0, 0],
      cursor: { sync: { key: 'steps' }, y: false, points: { size: 7 } },
      scales: { x: { time: false }, y: { distr: log ? 3 : 1 } },
      axes: [{ ...axis, size: 26, values: (_, ticks) => ticks.map(figure) }, { ...axis, size: 54, values: (_, ticks) => ticks.map((t) => t === null ? '' : figure(t)) }],
      series: [{}, ...(weight ? lines.map((l) => line(l, true, 1)) : []), ...lines.map((l) => line(l, false, 1.8))],
      hooks: { setCursor: [(u) => setAt(u.cursor.idx ?? null)] },
    };
    plot.current = new uPlot(options, data, box.current);
    const watch = new ResizeObserver(() => plot.current.setSize({ width: box.current.clientWidth, height: 200 }));
    watch.observe(box.current);
    return () => { watch.disconnect(); plot.current.destroy(); };
  }, [shape]);
  useEffect(() => { plot.current?.setData(data); });

  const shown = weight ? smooth : columns;
  return html`<figure class="panel chart" data-tag=${tag}>
    <figcaption class="row apart"><strong class="clip">${tag}</strong><span class="small faint num">${at === null ? '' : `step ${figure(steps[at])}`}</span></figcaption>
    <div class="plot" ref=${box} role="img" aria-label=${`${tag}: ${lines.map((l, i) => `${l.name} ${figure(last(shown[i]))}`).join(', ')}`}></div>
    <ul class="legend">${lines.map((l, i) => html`<li key=${l.name}><i style=${{ background: l.paint }} /><span class="clip">${l.name}</span>
      <span class="num mono">${figure(at === null ? last(shown[i]) : near(shown[i], at))}</span></li>`)}</ul>
  </figure>`;
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
function near(column, at) {
  for (let i = Math.min(at, column.length - 1); i >= 0; i--) if (column[i] !== null) return column[i];
  return null;
}
