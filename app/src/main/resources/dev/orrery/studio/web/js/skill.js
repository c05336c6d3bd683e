// What a policy was trained for and how well it did when it was measured.
import { html } from './dom.js';

/** What each family of tasks asks for, in words that follow "to". */
const TASKS = {
  reach: 'move to a block', button: 'press the button', 'push-dir': 'push a block left, right, up or down', 'push-zone': 'push a block to a zone',
  'push-to': 'push a block to another', pick: 'pick up a block', 'put-zone': 'put a block on a zone', 'put-tray': 'put a block in the tray',
  stack: 'stack two blocks', beside: 'put a block beside another', 'take-out': 'take a block out of the tray', unstack: 'take a block off another',
  seq2: 'do one thing, then another', sort: 'sort blocks of a colour', swap: 'swap two blocks', tower3: 'build a tower', clear: 'clear a zone',
  align: 'turn a block', symbol: 'put a block on a sign', around: 'push a block around another',
};
const task = (family) => TASKS[family] ?? family;
const percent = (rate) => `${Math.round(100 * rate)} %`;

/** A sentence if a policy is likely to fail at a family of tasks, else nothing. */
export function doubts(policy, family) {
  const { trained = [], measured = {} } = policy?.skill ?? {};
  if (trained.length && !trained.includes(family)) return `“${policy.name}” was never trained to ${task(family)}. It will try, and probably fail.`;
  if (family in measured && measured[family] < 0.5) return `“${policy.name}” managed to ${task(family)} in ${percent(measured[family])} of its test episodes.`;
  return '';
}

/** What the chosen policy can do, as far as its run tells. */
export function Skill({ policy }) {
  const { trained = [], measured = {} } = policy?.skill ?? {};
  if (!trained.length) return null;
  const known = Object.keys(TASKS).filter((family) => trained.includes(family));
  const rated = known.filter((family) => family in measured).sort((a, b) => measured[b] - measured[a]);
  const rest = known.filter((family) => !(family in measured));
  const never = Object.keys(TASKS).slice(0, 12).filter((family) => !trained.includes(family));
  return html`<details class="skill" open=${rated.length > 0 && rated.length <= 4}><summary>What it can do</summary>
    ${rated.length > 0 && html`<dl>${rated.map((family) => html`<div key=${family} data-family=${family}><dt>${task(family)}</dt><dd class="num">${percent(measured[family])}</dd>
      <span class="bar" aria-hidden="true"><i style=${{ width: `${100 * measured[family]}%` }} /></span></div>`)}</dl><p class="small faint">Success on test scenes it had not seen.</p>`}
    ${rest.length > 0 && html`<p class="small">Trained to ${rest.map(task).join(', ')}.${rated.length ? '' : ' Not measured yet.'}</p>`}
    ${never.length > 0 && html`<p class="small muted">Never trained to ${never.map(task).join(', ')}.</p>`}
  </details>`;
}
