// What a world model imagined beside what happened: pictures, rewards, ends, words, values.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from './dom.js';
import { Track } from './film.js';
import { Answered, Button, Empty, figure, Loading, Problem, useAnswer, useKeys } from './parts.js';
import { ask } from './server.js';

const PACE = 220;
const numbers = (steps, of) => steps.map((s) => of(s) ?? null);
const known = (values) => values.some((v) => v !== null);

const LIVE = 'live';
const MOST_HINTS = 12;

/** The imaginations of one run: what the model foresees now, if it can be asked, and what was recorded. */
export function Imaginations({ run }) {
  const list = useAnswer('runs/imaginations', { run });
  const [chosen, choose] = useState('');
  return html`<${Answered} answer=${list}>${({ names, asking }) => {
    const all = [...(asking?.ready ? [LIVE] : []), ...names];
    if (!all.length) return html`<${Empty} icon="film" title="Nothing imagined">World models keep what they foresaw in the folder “imagination” of their run: what happened, and beside it what they imagined from the same start. This run has none.<//>`;
    const name = all.includes(chosen) ? chosen : all[0];
    return html`<div class="stack"><div class="field narrow"><label class="label" for="imagination">What ${run} imagines</label>
        <select id="imagination" class="select" value=${name} onChange=${(event) => choose(event.target.value)}>${all.map((n) => html`<option key=${n} value=${n}>${n === LIVE ? 'now, live' : n}</option>`)}</select></div>
      ${name === LIVE ? html`<${Live} run=${run} words=${asking.words} />` : html`<${One} run=${run} name=${name} key=${name} />`}</div>`;
  }}<//>`;
}

/** The newest model acts and foresees now; what one types is said to it in the place of the world's words. */
function Live({ run, words }) {
  const [start, setStart] = useState(1);
  const [hints, setHints] = useState([]);
  const [problem, setProblem] = useState('');
  const [whole, setWhole] = useState(null);
  const [busy, setBusy] = useState(true);
  useEffect(() => {
    const control = new AbortController();
    setBusy(true);
    ask('runs/imagine', [['run', run], ['start', start], ...hints.map((hint) => ['hint', hint])], { signal: control.signal })
      .then((value) => { setWhole({ ...value, start }); setProblem(''); setBusy(false); })
      .catch((cause) => { if (cause.name !== 'AbortError') { setProblem(cause.message); setBusy(false); } });
    return () => control.abort();
  }, [run, start, hints]);
  const say = (text) => {
    const unknown = text.split(' ').filter((word) => !words.includes(word));
    if (unknown.length) setProblem(`The agent does not know ${unknown.map((word) => `“${word}”`).join(', ')}; it knows: ${words.join(' ')}.`);
    else if (!hints.includes(text)) setHints([...hints, text].slice(-MOST_HINTS));
  };
  return html`<div class="stack foresight" aria-busy=${String(busy)}>
    <div class="row wrap"><span class="small muted">Start ${start}${whole ? `, after ${figure(whole.step)} updates` : ''}</span>
      <${Button} icon="reset" label="Another start" onClick=${() => { setHints([]); setStart(start + 1); }} /></div>
    ${problem && html`<${Problem} kind="warn">${problem}<//>`}
    ${whole ? html`<${Imagination} whole=${whole} say=${words.length ? say : undefined} key=${whole.start} />` : busy && html`<${Loading}>Loading the model and letting it imagine …<//>`}</div>`;
}

function One({ run, name }) {
  const answer = useAnswer('runs/imagination', { run, name });
  return html`<${Answered} answer=${answer}>${(value) => html`<${Imagination} whole=${value} />`}<//>`;
}

/**
 * One start, seen for `context` steps and foreseen from there, in one branch for each hint.
 * @param whole the file as `docs/formats/imagination.md` describes it
 * @param say says a typed hint to a model that can be asked, which gives a branch more
 */
export function Imagination({ whole, say }) {
  const { branches, context } = whole;
  const [branch, setBranch] = useState(0);
  const { steps } = branches[Math.min(branch, branches.length - 1)];
  const length = steps.length;
  const [at, setAt] = useState(Math.min(context, length - 1));
  const [playing, setPlaying] = useState(false);
  const within = (i) => Math.min(length - 1, Math.max(0, i));
  const seek = (to) => { setPlaying(false); setAt(within(to)); };
  const move = (by) => { setPlaying(false); setAt((now) => within(now + by)); };
  const toggle = () => { setAt((now) => (now >= length - 1 ? 0 : now)); setPlaying((now) => !now); };
  useLayoutEffect(() => {
    if (!playing) return undefined;
    if (at >= length - 1) { setPlaying(false); return undefined; }
    const timer = setTimeout(() => setAt((now) => (now === at ? at + 1 : now)), PACE);
    return () => clearTimeout(timer);
  }, [playing, at, length]);
  useKeys((event) => {
    switch (event.key) {
      case ' ': toggle(); return true;
      case 'ArrowLeft': move(-1); return true;
      case 'ArrowRight': move(1); return true;
      case 'Home': seek(0); return true;
      case 'End': seek(length - 1); return true;
      default: return false;
    }
  });
  const take = (next) => { setBranch(next); setAt((now) => Math.min(now, branches[next].steps.length - 1)); };
  const count = useRef(branches.length);
  useLayoutEffect(() => {
    if (branches.length > count.current) take(branches.length - 1);
    count.current = branches.length;
  }, [branches.length]);
  const step = steps[within(at)];
  return html`<section class="imagination panel" aria-label="Imagination" data-frame=${within(at)} data-branch=${branch}>
    <${Hints} branches=${branches} branch=${branch} take=${take} say=${say} />
    <div class="screen pair">${[['truth', 'What happened'], ['imagined', at < context ? 'What it saw in it' : 'What it imagined']].map(([key, title]) => html`<figure key=${key}>
      ${step[key] ? html`<img class="pixels" src=${step[key]} alt=${`${title}, step ${at}`} />` : html`<div class="lost"><p>no picture</p></div>`}<figcaption>${title}</figcaption></figure>`)}</div>
    <${Strip} steps=${steps} context=${context} at=${within(at)} seek=${seek} />
    <div class="transport">
      <${Button} icon=${playing ? 'pause' : 'play'} kind="primary" only label=${playing ? 'Pause' : 'Play'} keys="Space" onClick=${toggle} />
      <input type="range" class="scrub" aria-label="Step" min="0" max=${length - 1} value=${at} aria-valuetext=${`step ${at + 1} of ${length}`} onInput=${(event) => seek(Number(event.target.value))} />
      <span class="mono num small muted nowrap">${within(at) + 1} / ${length}</span>
      <span class=${`pill ${at < context ? '' : 'live still'}`}>${at < context ? 'seen' : `imagined, ${at - context + 1} ahead`}</span>
    </div>
    <div class="two"><div class="tracks"><${Tracks} steps=${steps} at=${within(at)} seek=${seek} /></div><${Words} step=${step} /></div>
  </section>`;
}

/** The hints under which the same start was imagined; typing one of them takes it. */
function Hints({ branches, branch, take, say }) {
  const [text, setText] = useState('');
  const [answer, setAnswer] = useState('');
  if (!say && branches.length < 2 && !branches[0].hint) return null;
  const name = (b) => b.hint || 'no hint';
  const type = (event) => {
    event.preventDefault();
    const wanted = text.trim().toLowerCase();
    const found = branches.findIndex((b) => (b.hint ?? '').toLowerCase() === wanted);
    if (found >= 0) { take(found); setAnswer(''); } else if (say) { if (wanted) say(wanted); } else setAnswer('Nothing was imagined for this hint; these were recorded:');
  };
  return html`<div class="hints"><form class="row" onSubmit=${type}>
      <input class="input grow" aria-label="Hint" placeholder=${say ? 'Type a hint' : 'Type a hint that was recorded'} value=${text} maxlength="200" onInput=${(event) => setText(event.target.value)} />
      <button class="button" type="submit">${say ? 'Say' : 'Show'}</button></form>
    <div class="row wrap" role="group" aria-label=${say ? 'Hints given' : 'Recorded hints'} aria-live="polite">${answer && html`<span class="small muted">${answer}</span>`}
      ${branches.map((b, i) => html`<button type="button" key=${i} class="chip" aria-pressed=${String(i === branch)} onClick=${() => { setAnswer(''); take(i); }}>${name(b)}</button>`)}</div></div>`;
}

/** All steps at once: above what happened, below what was imagined. */
function Strip({ steps, context, at, seek }) {
  return html`<div class="strip" role="group" aria-label="All steps" tabindex="0">${steps.map((step, i) => html`<button type="button" key=${i} class=${i < context ? 'seen' : ''}
    aria-current=${i === at ? 'step' : undefined} aria-label=${`Step ${i + 1}, ${i < context ? 'seen' : 'imagined'}`} onClick=${() => seek(i)} tabindex="-1">
    ${['truth', 'imagined'].map((key) => (step[key] ? html`<img key=${key} class="pixels" src=${step[key]} alt="" />` : html`<i key=${key} />`))}</button>`)}</div>`;
}

function Tracks({ steps, at, seek }) {
  const tracks = useMemo(() => [
    { name: 'reward', labels: ['happened', 'imagined'], values: [numbers(steps, (s) => s.reward?.[0]), numbers(steps, (s) => s.reward?.[1])] },
    { name: 'continue', labels: ['happened', 'imagined'], values: [numbers(steps, (s) => s.continue?.[0]), numbers(steps, (s) => s.continue?.[1])] },
    { name: 'value and return', labels: ['value', 'return'], values: [numbers(steps, (s) => s.value), numbers(steps, (s) => s.return)] },
  ].filter((track) => track.values.some(known)), [steps]);
  if (!tracks.length) return html`<p class="muted">No numbers were kept.</p>`;
  return tracks.map((track) => html`<${Track} key=${track.name} track=${track} at=${at} length=${steps.length} seek=${seek} />`);
}

/** The word of a step beside the words that were expected, and the action taken. */
function Words({ step }) {
  return html`<div class="words"><dl>${[['action', step.action], ['word', step.token]].map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value || html`<span class="faint">none</span>`}</dd></div>`)}</dl>
    ${step.tokens?.length > 0 && html`<h3>Words it expected</h3><ol>${step.tokens.slice(0, 6).map(([word, share]) => html`<li key=${word} class=${word === step.token ? 'hit' : ''}><span class="clip">${word}</span>
      <span class="bar" aria-hidden="true"><i style=${{ left: 0, width: `${100 * share}%` }} /></span><span class="num mono">${figure(Math.round(1000 * share) / 1000)}</span></li>`)}</ol>`}</div>`;
}
