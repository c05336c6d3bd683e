// What runs measured on fixed test episodes: success by family with intervals, and how the rest failed.
import { html } from './dom.js';
import { colour } from './curves.js';
import { Icon } from './icons.js';
import { Answered, Empty, figure, Problem, useAnswer } from './parts.js';

const percent = (rate) => `${(100 * rate).toFixed(rate > 0 && rate < 0.0995 ? 1 : 0)} %`;
const words = (outcome) => outcome.toLowerCase().replaceAll('_', ' ');

/** The command that measures a run; names with spaces are quoted. */
function command({ system, id }, folder) {
  const path = `${folder}/${id}`;
  return `./orrery eval ${system || 'pi0'} --run-dir ${/[^\w./:\\-]/.test(path) ? `"${path}"` : path}`;
}

export function Evaluations({ chosen, runs: known, folder }) {
  const answer = useAnswer('runs/evaluations', chosen.map((id) => ['run', id]));
  return html`<${Answered} answer=${answer}>${({ runs }) => {
    const measured = runs.map((run, i) => ({ ...run, paint: colour(i) })).filter((run) => run.evaluation);
    return html`<div class="stack">
      ${runs.filter((run) => run.problem).map((run) => html`<${Problem} kind="warn" key=${run.id}>Run ${run.id}: ${run.problem}.<//>`)}
      ${measured.length ? html`<${Table} runs=${measured} />`
        : html`<${Empty} icon="check" title="Not measured yet" command=${command(known.find((run) => run.id === chosen[0]), folder)}>A run measures its policy at the end, on test scenes that training never saw. This measures it again, or one that was broken off.<//>`}
      ${measured.map((run) => html`<${Details} key=${run.id} run=${run} />`)}
    </div>`; }}<//>`;
}

/** A rate with its 95 % interval, as a bar and in figures. */
function Rate({ success, paint }) {
  if (!success) return html`<span class="faint">not measured</span>`;
  const { rate, low, high, successes, trials } = success;
  return html`<div class="rate"><span class="num"><strong>${percent(rate)}</strong> <span class="faint small">${successes} of ${trials}</span></span>
    <span class="range" role="img" aria-label=${`95 % interval from ${percent(low)} to ${percent(high)}`}><i style=${{ left: `${100 * low}%`, width: `${100 * (high - low)}%`, background: paint }} /><b style=${{ left: `${100 * rate}%`, background: paint }} /></span></div>`;
}

/** What the intervals of two rates allow to be said. */
function verdict([a, b], [first, second]) {
  if (!a || !b) return '';
  if (a.low <= b.high && b.low <= a.high) return 'undecided';
  return `${(a.rate > b.rate ? first : second).id} is better`;
}

function Table({ runs }) {
  const families = [...new Set(runs.flatMap((run) => run.evaluation.families.map((f) => f.family)))];
  const of = (run, family) => run.evaluation.families.find((f) => f.family === family)?.success;
  const same = runs.every((run) => run.evaluation.splitHash === runs[0].evaluation.splitHash && run.evaluation.suiteHash === runs[0].evaluation.suiteHash);
  const pair = runs.length === 2 && same;
  const row = (name, rates) => html`<tr key=${name} data-family=${name}><td>${name}</td>${rates.map((success, i) => html`<td><${Rate} success=${success} paint=${runs[i].paint} /></td>`)}${pair && html`<td class="small muted">${verdict(rates, runs)}</td>`}</tr>`;
  return html`<section class="panel">${!same && html`<${Problem} kind="warn">These runs were measured on different test files or versions of the world; their rates cannot be compared.<//>`}
    <div class="scroll-x" tabindex="0" role="region" aria-label="Success by family"><table class="evaluation"><thead><tr><th>Family</th>${runs.map((run) => html`<th key=${run.id}><i class="swatch" style=${{ background: run.paint }} /> <span class="plain-case">${run.id}</span></th>`)}${pair && html`<th>Verdict</th>`}</tr></thead>
      <tbody>${row('all', runs.map((run) => run.evaluation.overall))}${families.map((family) => row(family, runs.map((run) => of(run, family))))}</tbody></table></div>
    <p class="small faint">Success rates with 95 % Wilson intervals. Where intervals overlap the figures do not decide which is better.</p></section>`;
}

/** How the episodes ended, and what was measured with what. */
function Details({ run }) {
  const { evaluation: e, paint } = run;
  const total = {};
  for (const family of e.families) for (const [outcome, count] of Object.entries(family.outcomes)) total[outcome] = (total[outcome] ?? 0) + count;
  const failures = Object.entries(total).filter(([outcome]) => outcome !== 'SUCCESS').sort((a, b) => b[1] - a[1]);
  const facts = [['Test set', e.split], ['Episodes', figure(e.overall.trials)], ['Executed per chunk', e.subject.executed], ['Test files', e.splitHash.slice(0, 8)], ['World', e.suiteHash.slice(0, 8)], ['Policy', e.subject.policyHash.slice(0, 8)]];
  return html`<section class="panel"><div class="row apart wrap"><h2 class="row"><i class="swatch" style=${{ background: paint }} /> ${run.id}</h2>
      ${run.page && html`<a class="button small" href=${`/api/runs/evaluation?${new URLSearchParams({ run: run.id })}`} target="_blank" rel="noopener"><${Icon} name="film" size=${15} />Report with films</a>`}</div>
    <dl class="facts">${facts.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd class="num">${value}</dd></div>`)}</dl>
    <h3>How the others ended</h3>
    ${failures.length ? html`<ul class="failures">${failures.map(([outcome, count]) => html`<li key=${outcome}><span>${words(outcome)}</span><span class="num">${count}</span>
      <span class="small faint">${e.families.filter((f) => f.outcomes[outcome]).map((f) => `${f.family} ${f.outcomes[outcome]}`).join(' · ')}</span></li>`)}</ul>` : html`<p class="muted">Every episode succeeded.</p>`}
  </section>`;
}
