// Training runs: the list, live curves laid over each other, configurations and checkpoints side by side.
import { Fragment, html, useLayoutEffect, useMemo, useRef, useState } from './dom.js';
import { Icon } from './icons.js';
import { ago, Answered, bytes, Empty, figure, Loading, Pill, Problem, useAnswer, useWords, Words } from './parts.js';
import { Chart, colour, useCurves } from './curves.js';
import { Evaluations } from './evaluation.js';
import { Imaginations } from './imagination.js';

const MOST = 8;
const STATE = { running: ['live', 'running'], finished: ['good', 'finished'], stopped: ['', 'stopped'] };

const go = (runs, view) => {
  const query = new URLSearchParams([...runs.map((run) => ['run', run]), ...(view === 'curves' ? [] : [['view', view]])]);
  location.hash = `#/runs?${query}`;
};

export function Runs({ params }) {
  const answer = useAnswer('runs', {}, 3000);
  return html`<div class="page"><header><h1>Runs</h1>${answer.value && html`<span class="faint mono small clip" title=${answer.value.folder}>${answer.value.folder}</span>`}</header>
    ${answer.value?.problems?.map((p) => html`<${Problem} kind="warn" key=${p}>${p}<//>`)}
    <${Answered} answer=${answer}>${({ runs, folder }) => runs.length ? html`<${Board} runs=${runs} folder=${folder} params=${params} />`
      : html`<${Empty} icon="runs" title="No runs yet" command="./orrery train pi0 --preset smoke">A run appears here as soon as a training command creates its folder, and its curves grow while it goes on.<//>`}<//>
  </div>`;
}

const FEW = 8;
const about = (run) => `${run.id} ${run.system} ${run.preset} ${STATE[run.state][1]}`;

function Board({ runs, folder, params }) {
  const known = new Set(runs.map((run) => run.id));
  const asked = params.getAll('run').filter((id) => known.has(id)).slice(0, MOST);
  const gone = params.getAll('run').filter((id) => !known.has(id));
  const chosen = asked.length ? asked : params.has('none') || gone.length ? [] : [runs[0].id];
  const view = params.get('view') || 'curves';
  const toggle = (id) => {
    const next = chosen.includes(id) ? chosen.filter((c) => c !== id) : [...chosen, id].slice(-MOST);
    if (next.length) go(next, view); else location.hash = '#/runs?none=1';
  };
  const dreamer = chosen.find((id) => runs.some((run) => run.id === id && run.imagines));
  const views = [['curves', 'Curves'], ['config', chosen.length > 1 ? 'Configuration diff' : 'Configuration'], ['evaluation', 'Evaluation'], ['files', 'Checkpoints'], ...(dreamer || view === 'imagination' ? [['imagination', 'Imagination']] : [])];
  const reached = views.some(([id]) => id === view) ? view : 'curves';
  const tabs = useRef();
  useLayoutEffect(() => tabs.current.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), [view]);
  const walk = (event) => {
    const all = [...tabs.current.children], at = all.indexOf(event.target);
    const next = { ArrowRight: all[at + 1] ?? all[0], ArrowLeft: all.at(at - 1), Home: all[0], End: all.at(-1) }[event.key];
    if (!next || at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    next.focus();
    next.click();
  };
  const skip = (event) => { event.preventDefault(); tabs.current.querySelector('[tabindex="0"]').focus(); };
  return html`<div class="board">
    <${Listed} runs=${runs} chosen=${chosen} toggle=${toggle} skip=${skip} />
    <div class="stack">
      ${gone.length > 0 && html`<${Problem} kind="warn">There is no run ${gone.join(', ')} in the folder${gone.length > 1 ? '; they were' : '; it was'} deleted, renamed, or never there.<//>`}
      <div class="tabs" role="tablist" aria-label="Views" ref=${tabs} onKeyDown=${walk}>${views.map(([id, name]) => html`
        <button key=${id} type="button" role="tab" id=${`tab-${id}`} aria-controls="view" aria-selected=${String(view === id)} tabindex=${reached === id ? 0 : -1} onClick=${() => go(chosen, id)}>${name}</button>`)}</div>
      <div class="stack" role="tabpanel" id="view" aria-labelledby=${`tab-${reached}`}>${!chosen.length ? html`<${Empty} icon="runs" title="Nothing chosen">Tick one run to see it, two or more to compare them.<//>`
        : view === 'config' ? html`<${Configs} chosen=${chosen} />` : view === 'evaluation' ? html`<${Evaluations} chosen=${chosen} runs=${runs} folder=${folder} />` : view === 'files' ? html`<${Files} chosen=${chosen} />` : view === 'imagination' ? html`<${Imaginations} run=${dreamer ?? chosen[0]} key=${dreamer ?? chosen[0]} />` : html`<${Curves} chosen=${chosen} />`}</div>
    </div>
  </div>`;
}

/** The runs to tick; ticked ones stay in sight whatever is looked for. */
function Listed({ runs, chosen, toggle, skip }) {
  const find = useWords(about);
  const slot = (id) => chosen.indexOf(id);
  const found = new Set(runs.filter(find.fits));
  const listed = runs.filter((run) => slot(run.id) >= 0 || found.has(run));
  return html`<nav class="panel run-list" aria-label="Runs to show">${runs.length > FEW && html`<a class="skip" href="#view" onClick=${skip}>Skip the list</a>`}<h2 class="minor">Show and compare${runs.length > FEW && html`, ${find.words.length ? `${found.size} of ` : ''}${runs.length}`}</h2>
      ${runs.length > FEW && html`<div class="run-filter"><${Words} find=${find} placeholder="Filter runs" label="Filter runs by name, system, preset or state" />
        ${!found.size && html`<p class="small muted" role="status">No run has ${find.words.length > 1 ? 'all these words' : 'this'} in its name, system, preset or state.</p>`}</div>`}<ul>
      ${listed.map((run) => { const on = slot(run.id) >= 0; const [kind, word] = STATE[run.state];
        return html`<li key=${run.id}><label class=${on ? 'on' : ''}><input type="checkbox" checked=${on} onChange=${() => toggle(run.id)} aria-label=${`Show ${run.id}`} />
          <i class="swatch" style=${{ background: on ? colour(slot(run.id)) : 'transparent' }} />
          <span class="grow"><span class="row apart"><strong class="name">${run.id}</strong>${run.state === 'running' && html`<${Pill} kind=${kind}>${word}<//>`}</span>
            <span class="small faint">${run.system || 'unknown system'}${run.preset && ` · ${run.preset}`} · step ${figure(run.step)} · <span class="nowrap">${run.state === 'running' ? '' : `${word} `}${ago(run.updated)}</span></span></span></label></li>`; })}
    </ul></nav>`;
}

function Curves({ chosen }) {
  const { curves, problems } = useCurves(chosen);
  const [smooth, setSmooth] = useState(0.8);
  const [log, setLog] = useState(false);
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const tags = useMemo(() => [...new Set(Object.values(curves).flatMap(Object.keys))].filter((t) => t.toLowerCase().includes(wanted)), [curves, wanted]);
  const loaded = Object.keys(curves).length > 0;
  return html`<${Fragment}>
    <div class="row wrap curve-tools">
      <label class="row small grow-1"><span class="muted nowrap">Smoothing</span><input type="range" min="0" max="0.98" step="0.02" value=${smooth} aria-valuetext=${`${Math.round(smooth * 100)} percent`} onInput=${(event) => setSmooth(Number(event.target.value))} /><span class="num mono">${smooth.toFixed(2)}</span></label>
      <label class="row small nowrap"><input type="checkbox" checked=${log} onChange=${(event) => setLog(event.target.checked)} /> Log scale</label>
      <input class="input filter" type="search" placeholder="Filter curves" aria-label="Filter curves by name" value=${filter} onInput=${(event) => setFilter(event.target.value)} />
    </div>
    ${problems.map((problem) => html`<${Problem} kind="warn" key=${problem}>${problem}<//>`)}
    ${!loaded && !problems.length && html`<${Loading} />`}
    ${loaded && !tags.length && html`<${Empty} icon="runs" title=${filter ? 'No curve of that name' : 'No numbers yet'}>${filter ? 'Clear the filter to see all curves.' : 'The run has started but has not logged a number. This page fills by itself.'}<//>`}
    <div class="charts">${tags.map((tag) => {
      const lines = chosen.map((id, i) => ({ name: id, paint: colour(i), ...curves[id]?.[tag] })).filter((l) => l.steps?.length);
      return lines.length > 0 && html`<${Chart} key=${tag} tag=${tag} lines=${lines} weight=${smooth} log=${log} />`; })}</div>
  <//>`;
}

/** Nested objects as `a.b.c` to value. */
function flat(value, path = '', into = {}) {
  if (value && typeof value === 'object' && !Array.isArray(value)) Object.entries(value).forEach(([k, v]) => flat(v, path ? `${path}.${k}` : k, into));
  else into[path] = JSON.stringify(value);
  return into;
}

/** The policies of a run: the newest, and what it was at earlier steps. */
function Playable({ policies }) {
  if (!policies.length) return null;
  return html`<div class="playable"><h3>Watch it act</h3><div class="row wrap">${policies.map((p) => html`<a class="button small" key=${p.id} title=${p.detail} href=${`#/tabletop?${new URLSearchParams({ policy: p.id })}`}>
    <${Icon} name="play" size=${13} />${p.name.replace(`${p.group}, `, '')}</a>`)}</div></div>`;
}

function useDetails(chosen) {
  return useAnswer('runs/details', chosen.map((id) => ['run', id]));
}

function Configs({ chosen }) {
  const answer = useDetails(chosen);
  const [all, setAll] = useState(false);
  return html`<${Answered} answer=${answer}>${({ runs }) => {
    const columns = runs.map((run) => flat(run.config));
    const keys = [...new Set(columns.flatMap(Object.keys))];
    const differs = (key) => columns.some((c) => c[key] !== columns[0][key]);
    const different = keys.filter(differs);
    const shown = runs.length > 1 && !all ? different : keys;
    return html`<section class="panel">
      ${runs.length > 1 && html`<div class="row apart wrap"><p>${different.length ? `${different.length} of ${keys.length} values differ.` : `All ${keys.length} values are equal.`}</p>
        <label class="row small"><input type="checkbox" checked=${all} onChange=${(event) => setAll(event.target.checked)} /> Show equal values too</label></div>`}
      ${shown.length > 0 && html`<div class="scroll-x" tabindex="0" role="region" aria-label="Configuration"><table class="config"><thead><tr><th>Key</th>${runs.map((run, i) => html`<th><i class="swatch" style=${{ background: colour(i) }} /> <span class="plain-case">${run.id}</span></th>`)}</tr></thead>
        <tbody>${shown.map((key) => html`<tr key=${key} class=${runs.length > 1 && differs(key) ? 'differs' : ''}><td class="mono">${key}</td>${columns.map((c) => html`<td class="mono">${c[key] ?? html`<span class="faint">not set</span>`}</td>`)}</tr>`)}</tbody></table></div>`}
    </section>`; }}<//>`;
}

function Files({ chosen }) {
  const answer = useDetails(chosen);
  return html`<${Answered} answer=${answer}>${({ runs, policies }) => html`<div class="stack">${runs.map((run, i) => html`<section class="panel" key=${run.id}>
    <div class="row apart wrap"><h2 class="row"><i class="swatch" style=${{ background: colour(i) }} /> ${run.id}</h2>
      ${run.evaluated && html`<a class="button small" href=${`/api/runs/evaluation?${new URLSearchParams({ run: run.id })}`} target="_blank" rel="noopener"><${Icon} name="film" size=${15} />Evaluation</a>`}
      ${run.episodes && html`<a class="button small" href=${`#/episodes?${new URLSearchParams({ set: run.episodes })}`}><${Icon} name="film" size=${15} />Episodes</a>`}</div>
    ${Object.keys(run.report).length > 0 && html`<dl class="facts">${Object.entries(run.report).map(([name, value]) => html`<div><dt>${name}</dt><dd class="num">${typeof value === 'number' ? figure(value) : JSON.stringify(value)}</dd></div>`)}</dl>`}
    <${Playable} policies=${policies.filter((p) => p.group === run.id)} />
    ${run.checkpoints.length ? html`<div class="scroll-x" tabindex="0" role="region" aria-label=${`Checkpoints of ${run.id}`}><table class="files"><thead><tr><th>Checkpoint</th><th class="num">Size</th><th>Saved</th></tr></thead>
        <tbody>${run.checkpoints.map((c) => html`<tr key=${c.name}><td class="mono">${c.name}</td><td class="num">${bytes(c.bytes)}</td><td>${ago(c.saved)}</td></tr>`)}</tbody></table></div>`
      : html`<p class="muted">No checkpoint yet. One is saved every few steps, and when the run is stopped with Ctrl-C.</p>`}
  </section>`)}</div>`}<//>`;
}
