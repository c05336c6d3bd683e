// Who acts: the expert, the reader or a policy of a run at some step, and in which scene.
import { html, useLayoutEffect, useState } from './dom.js';
import { Button } from './parts.js';
import { HAND } from './session.js';
import { Skill } from './skill.js';

const YOU = { id: HAND, name: 'You, by hand', detail: 'steer with mouse, touch or keys', group: '' };
const millis = (value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

/** How long the policy's chunks took: the last, and the spread of the newest 256. */
function Latency({ latency }) {
  if (!latency?.count) return null;
  return html`<dl class="latency num" aria-label="Time to predict a chunk" data-count=${latency.count}>
    ${[['chunk', latency.last], ['p50', latency.p50], ['p95', latency.p95]].map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${millis(value)}</dd></div>`)}</dl>`;
}

function Seed({ frame, say }) {
  const [text, setText] = useState(String(frame.seed));
  useLayoutEffect(() => setText(String(frame.seed)), [frame.seed]);
  const valid = /^-?\d{1,15}$/.test(text.trim());
  return html`<form class="field" onSubmit=${(event) => { event.preventDefault(); if (valid) say('reset', { seed: Number(text) }); }}>
    <label class="label" for="seed">Scene</label>
    <div class="row"><input id="seed" class="input mono grow" inputmode="numeric" value=${text} aria-invalid=${!valid} aria-label="Seed of the scene" onInput=${(event) => setText(event.target.value)} />
      <button class="button" type="submit" disabled=${!valid}>Set</button>
      <${Button} icon="dice" only label="New scene" keys="N" onClick=${() => say('reset', { fresh: true })} /></div>
    ${!valid && html`<p class="small" role="alert">A seed is a whole number of at most 15 digits.</p>`}
  </form>`;
}

/** Policies by run, in the order of the server. */
function groups(policies) {
  const all = new Map();
  for (const policy of policies) all.set(policy.group, [...(all.get(policy.group) ?? []), policy]);
  return [...all];
}

export function Actor({ session, say, chunk, setChunk }) {
  const { frame, policies } = session;
  const known = policies.length ? [policies[0], YOU, ...policies.slice(1)] : [YOU];
  const listed = known.some((p) => p.id === frame.policy) ? known : [...known, { id: frame.policy, name: `${frame.policy} (gone)`, detail: 'no longer in the run folder', group: '' }];
  const chosen = listed.find((p) => p.id === frame.policy);
  const option = (p) => html`<option key=${p.id} value=${p.id}>${p.name}</option>`;
  const choose = (id) => { history.replaceState(null, '', id === HAND ? '#/tabletop' : `#/tabletop?${new URLSearchParams({ policy: id })}`); say('policy', { id }); };
  const busy = frame.loading && listed.find((p) => p.id === frame.loading)?.name;
  return html`<section class="panel stack" aria-label="Who acts"><h2 class="minor">Who acts</h2>
    <div class="field">
      <select id="policy" class="select" aria-label="Policy" onFocus=${() => say('policies')} value=${frame.loading || frame.policy} onChange=${(event) => choose(event.target.value)}>
        ${groups(listed).map(([group, members]) => group ? html`<optgroup key=${group} label=${group}>${members.map(option)}</optgroup>` : members.map(option))}</select>
      <p class="small muted">${busy ? `Loading ${busy} …` : chosen.detail}</p>
      ${frame.policy !== HAND && html`<${Latency} latency=${frame.latency} />`}</div>
    <${Skill} policy=${chosen} />
    <label class="row small"><input type="checkbox" checked=${chunk} onChange=${(event) => setChunk(event.target.checked)} /> Draw the predicted chunk</label>
    ${chunk && frame.policy !== HAND && html`<p class="small faint key"><i class="taken" /> to be taken <i class="outlook" /> outlook only</p>`}
    <${Seed} frame=${frame} say=${say} />
  </section>`;
}
