// Episodes as film: choose where from, then watch one after the other.
import { html, useState } from './dom.js';
import { Icon } from './icons.js';
import { Answered, Button, Empty, Pill, Problem, useAnswer } from './parts.js';
import { Film } from './film.js';

const PAGE = 50;
const to = (set, episode, extra = {}) => { location.hash = `#/episodes?${new URLSearchParams({ set, episode, ...extra })}`; };

/** The episode in the address, which may be newer than what is drawn. */
const shown = (otherwise) => Number(new URLSearchParams(location.hash.split('?')[1]).get('episode') ?? otherwise);

export function Episodes({ params }) {
  const answer = useAnswer('data');
  return html`<div class="page"><header><h1>Episodes</h1></header>
    <${Answered} answer=${answer}>${({ sets }) => { const usable = sets.filter((s) => s.episodes > 0), wanted = params.get('set');
      if (wanted && !usable.some((s) => s.id === wanted)) return html`<${Problem}>${sets.some((s) => s.id === wanted) ? `The data set “${wanted}” has no episode to watch.` : `There is no data set “${wanted}”; it was deleted, renamed, or never there.`} ${usable.length > 0 && html`<a href="#/episodes">Show those that can be watched</a>`}<//>`;
      return usable.length ? html`<${Cinema} sets=${usable} params=${params} />`
        : html`<${Empty} icon="episodes" title="Nothing to watch yet" command="./orrery data record --per-family 2 --out datasets/expert">Record a demonstration on the Tabletop page, evaluate a policy, or record some with the scripted expert.<//>`; }}<//>
  </div>`;
}

function Cinema({ sets, params }) {
  const set = params.get('set') ?? sets[0].id;
  const total = sets.find((s) => s.id === set).episodes;
  const asked = Number(params.get('episode') ?? 0);
  const episode = Number.isInteger(asked) && asked >= 0 ? Math.min(asked, total - 1) : 0;
  const home = Math.floor(episode / PAGE) * PAGE;
  const [leaf, turnLeaf] = useState({ from: home });
  const from = leaf.set === set && leaf.home === home ? leaf.from : home;
  const setFrom = (next) => turnLeaf({ set, home, from: next });
  const list = useAnswer('data/episodes', { set, from, count: PAGE });
  const film = useAnswer('data/episode', { set, episode });
  const turn = (by) => to(set, Math.min(total - 1, Math.max(0, shown(episode) + by)));
  return html`<div class="cinema">
    <nav class="panel shelf" aria-label="Episodes">
      <div class="field"><label class="label" for="set">From</label><select id="set" class="select" value=${set} onChange=${(event) => to(event.target.value, 0)}>${sets.map((s) => html`<option key=${s.id} value=${s.id}>${s.id} (${s.episodes})</option>`)}</select></div>
      <${Answered} answer=${list}>${({ episodes }) => html`<ol>${episodes.map((e) => html`<li key=${e.index}><a href=${`#/episodes?${new URLSearchParams({ set, episode: e.index })}`} aria-current=${e.index === episode ? 'true' : undefined}>
        <span class="num faint">${e.index}</span><span class="grow clip" title=${e.task}>${e.task || 'no instruction'}</span><span class="num faint small">${e.length}</span></a></li>`)}</ol>`}<//>
      ${total > PAGE && html`<div class="row apart"><${Button} kind="small" label="Before" disabled=${from === 0} onClick=${() => setFrom(from - PAGE)} /><span class="small faint num">${from}–${Math.min(total, from + PAGE) - 1} of ${total}</span><${Button} kind="small" label="After" disabled=${from + PAGE >= total} onClick=${() => setFrom(from + PAGE)} /></div>`}
    </nav>
    <div class="stack">
      <div class="row wrap"><h2>Episode ${episode}</h2>${film.value && film.value.success !== null && html`<${Pill} kind=${film.value.success ? 'good' : 'warn'}>${film.value.success ? 'goal reached' : 'goal not reached'}<//>`}
        <span class="grow"></span><a class="button small quiet" href=${`#/data?${new URLSearchParams({ set })}`}><${Icon} name="data" size=${15} />About this data set</a></div>
      <div class="panel"><${Answered} answer=${film}>${(value) => html`<${Film} key=${`${set}/${episode}/${value.stamp}`} film=${value} turn=${turn} />`}<//></div>
    </div>
  </div>`;
}
