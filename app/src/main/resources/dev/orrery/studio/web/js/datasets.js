// Data sets: what is in them, how their numbers are spread, and a way into every episode.
import { html } from './dom.js';
import { Icon } from './icons.js';
import { Answered, bytes, Empty, figure, Problem, useAnswer, useWords, Words } from './parts.js';

export function DataSets({ params }) {
  const set = params.get('set');
  return set ? html`<${One} set=${set} key=${set} />` : html`<${All} />`;
}

const FEW = 12;

function All() {
  const answer = useAnswer('data');
  const find = useWords((s) => `${s.id} ${s.robot ?? ''} ${s.version ?? ''}`);
  return html`<div class="page"><header><h1>Data</h1>${answer.value && html`<span class="faint mono small clip" title=${answer.value.folder}>${answer.value.folder}</span>`}
      ${answer.value?.sets.length > FEW && html`<${Words} find=${find} kind="filter" placeholder=${`Filter ${answer.value.sets.length} data sets`} label="Filter data sets by name, robot or version" />`}</header>
    ${answer.value?.cut && html`<${Problem} kind="warn">There are more data sets in this folder; the first ${answer.value.sets.length} are listed. Start the studio with <code>--data</code> on a folder further in to see others.<//>`}
    <${Answered} answer=${answer}>${({ sets }) => sets.length ? !sets.some(find.fits) ? html`<${Empty} icon="data" title="No such data set">Clear the filter to see all of them.<//>` : html`<ul class="shelves">${sets.filter(find.fits).map((s) => html`<li key=${s.id}><a class="panel card" href=${`#/data?${new URLSearchParams({ set: s.id })}`}>
        <span class="row"><${Icon} name="folder" /><strong class="name">${s.id}</strong></span>
        ${s.problem ? html`<span class="small bad-text">${s.problem}</span>` : html`<span class="small muted">${figure(s.episodes)} episodes · ${figure(s.frames)} frames · ${s.fps} fps</span>
        <span class="small faint clip">${s.robot} · ${s.version}</span>`}</a></li>`)}</ul>`
      : html`<${Empty} icon="data" title="No data sets here yet" command="./orrery data record --per-family 10 --out datasets/expert">LeRobot data sets (v3.0 and v2.1) in this folder and below it are listed. Record one with the scripted expert, or save a demonstration on the Tabletop page.<//>`}<//>
  </div>`;
}

function One({ set }) {
  const answer = useAnswer('data/set', { set });
  return html`<div class="page"><header><h1><a class="crumb" href="#/data">Data</a> <span class="faint">/</span> <span class="name">${set}</span></h1>
      ${answer.value?.episodes > 0 && html`<span class="actions"><a class="button primary" href=${`#/episodes?${new URLSearchParams({ set })}`}><${Icon} name="film" />Watch</a></span>`}</header>
    <${Answered} answer=${answer}>${(value) => html`<div class="stack wide">
      ${value.problems.map((p) => html`<${Problem} kind="warn" key=${p}>${p}<//>`)}
      <section class="panel"><dl class="facts">
        ${[['Episodes', figure(value.episodes)], ['Frames', figure(value.frames)], ['Length', duration(value.frames / value.fps)], ['Frames per second', value.fps], ['Robot', value.robot || 'not said'], ['Format', value.version], ['Size', bytes(value.bytes)]].map(([name, v]) => html`<div key=${name}><dt>${name}</dt><dd>${v}</dd></div>`)}</dl></section>
      <div class="two"><${Tasks} tasks=${value.tasks} set=${set} /><${Lengths} lengths=${value.lengths} /></div>
      <${Features} features=${value.features} />
    </div>`}<//></div>`;
}

const duration = (seconds) => (seconds < 90 ? `${seconds.toFixed(0)} s` : seconds < 5400 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(1)} h`);

function Tasks({ tasks, set }) {
  return html`<section class="panel"><h2 class="minor">Tasks, ${tasks.length}</h2><div class="tall"><table><tbody>${tasks.map((t) => html`<tr key=${t.task}>
    <td><a href=${`#/episodes?${new URLSearchParams({ set, episode: t.first })}`}>${t.task || 'no instruction'}</a></td><td class="num faint">${figure(t.episodes)}</td></tr>`)}</tbody></table></div></section>`;
}

function Lengths({ lengths }) {
  const most = Math.max(...lengths.counts, 1);
  const width = 100 / lengths.counts.length;
  return html`<section class="panel"><h2 class="minor">Episode lengths</h2><svg class="histogram" viewBox="0 0 100 60" preserveAspectRatio="none" role="img" aria-label=${`Episode lengths between ${lengths.low} and ${lengths.high} frames`}>
      ${lengths.counts.map((count, i) => html`<rect x=${i * width + 0.4} width=${width - 0.8} y=${60 - 58 * count / most} height=${58 * count / most} rx=".6"><title>${count} episodes</title></rect>`)}</svg>
    <div class="row apart small faint num"><span>${lengths.low} frames</span><span>median ${lengths.median}</span><span>${lengths.high}</span></div></section>`;
}

function Features({ features }) {
  return html`<section class="panel"><h2 class="minor">Features</h2><div class="scroll-x" tabindex="0" role="region" aria-label="Features and their statistics"><table class="features"><thead><tr><th>Name</th><th>Type</th><th>Shape</th><th>Spread</th><th class="num">Mean</th><th class="num">Std</th><th class="num">Min</th><th class="num">Max</th></tr></thead>
    <tbody>${features.flatMap((f) => f.rows.length ? f.rows.map((r, i) => html`<tr key=${`${f.name}${i}`} class=${i ? 'more' : ''}><td>${i === 0 && html`<strong>${f.name}</strong>`}${f.rows.length > 1 && html`<span class="mono dimension">${r.name}</span>`}</td>
        <td class="mono">${i ? '' : f.type}</td><td class="mono nowrap">${i ? '' : `[${f.shape.join(', ')}]`}</td><td><${Spread} row=${r} /></td>
        ${[r.mean, r.std, r.min, r.max].map((v) => html`<td class="num mono">${figure(v)}</td>`)}</tr>`)
      : [html`<tr key=${f.name}><td><strong>${f.name}</strong></td><td class="mono">${f.type}</td><td class="mono nowrap">[${f.shape.join(', ')}]</td><td colspan="5" class="faint">no statistics</td></tr>`])}</tbody></table></div></section>`;
}

/** A box between the quantiles over a line from least to greatest. */
function Spread({ row }) {
  const { min, max, q10, q90, mean } = row;
  const at = (v) => 4 + 92 * (max > min ? (v - min) / (max - min) : 0.5);
  const low = q10 ?? Math.max(min, mean - row.std), high = q90 ?? Math.min(max, mean + row.std);
  return html`<svg class="spread" viewBox="0 0 100 16" preserveAspectRatio="none" role="img" aria-label=${`from ${figure(min)} to ${figure(max)}, middle part ${figure(low)} to ${figure(high)}`}>
    <line x1="4" x2="96" y1="8" y2="8" /><rect x=${at(low)} width=${Math.max(1, at(high) - at(low))} y="3.5" height="9" rx="2" /><line class="mean" x1=${at(mean)} x2=${at(mean)} y1="1" y2="15" /></svg>`;
}
