// What the policy perceives and does: its two cameras, the state, the action.
import { html } from './dom.js';

const STATE = ['x', 'y', 'z', 'gap'], ACTION = ['Δx', 'Δy', 'Δz', 'grip'];

function Meter({ name, value, low, high }) {
  if (value === null) return html`<div class="meter lost"><span class="mono">${name}</span><span class="bar" aria-hidden="true" /><span class="mono num">NaN</span></div>`;
  const middle = low < 0;
  const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
  const [from, to] = middle ? [Math.min(0.5, share), Math.max(0.5, share)] : [0, share];
  return html`<div class="meter"><span class="mono">${name}</span>
    <span class=${`bar ${middle ? 'two-sided' : ''}`} aria-hidden="true"><i style=${{ left: `${100 * from}%`, width: `${100 * (to - from)}%` }} /></span>
    <span class="mono num">${value >= 0 && middle ? '+' : ''}${value.toFixed(2)}</span></div>`;
}

export function Senses({ frame }) {
  return html`<section class="panel senses" aria-label="What the policy perceives">
    <h2 class="minor">What the policy sees</h2>
    <div class="eyes">${Object.entries(frame.images).map(([camera, source]) => html`<figure key=${camera}>
      <img src=${source} alt=${`${camera} camera`} /><figcaption>${camera}</figcaption></figure>`)}</div>
    <div class="meters">
      <div><h3>State</h3>${frame.state.slice(0, 4).map((v, i) => html`<${Meter} name=${STATE[i]} value=${v} low=${0} high=${i === 2 ? 0.25 : 1} />`)}</div>
      <div><h3>Action</h3>${ACTION.map((name, i) => html`<${Meter} name=${name} value=${frame.action[i]} low=${-1} high=${1} />`)}</div>
    </div>
  </section>`;
}
