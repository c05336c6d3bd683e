// The small parts from which all pages are made.
import { html, useEffect, useLayoutEffect, useState } from './dom.js';
import { Icon } from './icons.js';
import { ask, onServer } from './server.js';

/** A button with an icon, a label or both; `keys` is the shortcut, shown to assistive technology and in the tip. */
export function Button({ icon, label, kind = '', keys, only, children, ...rest }) {
  const tip = keys ? `${label} (${keys})` : label;
  return html`<button type="button" class=${`button ${kind} ${only ? 'icon' : ''}`} title=${tip}
      aria-label=${only ? label : undefined} aria-keyshortcuts=${keys} ...${rest}>
    ${icon && html`<${Icon} name=${icon} />`}${!only && html`<span>${children ?? label}</span>`}
  </button>`;
}

export function Pill({ kind = '', children }) {
  return html`<span class=${`pill ${kind}`}>${children}</span>`;
}

/** What a page shows when there is nothing yet: what it is for and what to do. */
export function Empty({ icon, title, children, command }) {
  return html`<section class="empty">
    <${Icon} name=${icon} size=${44} /><h2>${title}</h2><p>${children}</p>
    ${command && html`<pre tabindex="0"><code>${command}</code></pre>`}
  </section>`;
}

export function Problem({ children, kind = '' }) {
  return html`<div class=${`problem ${kind}`} role="alert"><${Icon} name="alert" /><div>${children}</div></div>`;
}

/** Something is on its way; `children` say what, where that takes long. */
export function Loading({ children }) {
  return html`<div class="loading" role="status" aria-label=${children ? undefined : 'Loading'}>${children && html`<p class="muted">${children}</p>`}<i></i><i></i><i></i></div>`;
}

/**
 * Asks the server when the page appears, whenever `params` change and when a server that was gone is back:
 * `{ value, problem, again }`. With `every`, again so many milliseconds after each answer.
 */
export function useAnswer(path, params = {}, every = 0) {
  const key = `${path}?${new URLSearchParams(params)}`;
  const [state, set] = useState({});
  const [turn, setTurn] = useState(0);
  const again = () => setTurn((n) => n + 1);
  useLayoutEffect(() => onServer((there) => there && again()), []);
  useEffect(() => {
    const control = new AbortController();
    let timer;
    ask(path, params, { signal: control.signal })
      .then((value) => set({ key, value }))
      .catch((cause) => cause.name !== 'AbortError' && set((old) => ({ key, value: old.key === key ? old.value : undefined, problem: cause.message })))
      .finally(() => { if (every && !control.signal.aborted) timer = setTimeout(again, every); });
    return () => { control.abort(); clearTimeout(timer); };
  }, [key, turn]);
  return { ...(state.key === key ? state : {}), again };
}

/** Finds things by words: `{ typed, type, words, fits }`. A thing fits whose text has every word that is typed. */
export function useWords(text) {
  const [typed, type] = useState('');
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return { typed, type, words, fits: (thing) => words.every((word) => text(thing).toLowerCase().includes(word)) };
}

/** The field in which words are typed; `find` is what `useWords` gave. */
export function Words({ find, kind = '', placeholder, label }) {
  return html`<input class=${`input ${kind}`} type="search" placeholder=${placeholder} aria-label=${label} value=${find.typed} onInput=${(event) => find.type(event.target.value)} />`;
}

/** The problem, the skeleton or the page, whichever is due. */
export function Answered({ answer, children }) {
  if (answer.problem && !answer.value) {
    return html`<div class="stack"><${Problem}>${answer.problem}<//><div><${Button} label="Try again" icon="reset" onClick=${answer.again} /></div></div>`;
  }
  return answer.value ? children(answer.value) : html`<${Loading} />`;
}

const listeners = new Set();
let toastId = 0;

/** Says something in the corner; it goes by itself, problems later than the rest. */
export function toast(text, kind = '') {
  const item = { id: ++toastId, text, kind };
  listeners.forEach((listener) => listener(item));
}

export function Toasts() {
  const [items, set] = useState([]);
  useLayoutEffect(() => {
    const add = (item) => {
      set((old) => [...old.filter((o) => o.text !== item.text), item].slice(-4));
      setTimeout(() => set((old) => old.filter((o) => o.id !== item.id)), item.kind === 'bad' ? 9000 : 4500);
    };
    listeners.add(add);
    return () => listeners.delete(add);
  }, []);
  return html`<div class="toasts" role="status" aria-live="polite">
    ${items.map((item) => html`<div key=${item.id} class=${`toast ${item.kind}`}><span>${item.text}</span>
      <button type="button" class="button quiet icon small" aria-label="Dismiss" onClick=${() => set((old) => old.filter((o) => o !== item))}><${Icon} name="close" size=${14} /></button></div>`)}
  </div>`;
}

/** Calls `handler(event)` for keys pressed outside of text fields; return true to take the key. */
export function useKeys(handler) {
  useLayoutEffect(() => {
    const listen = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
      const at = event.target;
      if (at.matches?.('input:not([type=range]):not([type=checkbox]), textarea, select')) return;
      if (at.matches?.('button, a, summary') && (event.key === ' ' || event.key === 'Enter')) return;
      if (handler(event)) event.preventDefault();
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  });
}

const UNITS = [['year', 31536000], ['month', 2592000], ['day', 86400], ['hour', 3600], ['minute', 60]];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** "3 minutes ago" for milliseconds since the epoch. */
export function ago(time) {
  const seconds = (time - Date.now()) / 1000;
  for (const [unit, size] of UNITS) if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  return 'just now';
}

export function bytes(count) {
  if (count < 1000) return `${count} B`;
  const unit = Math.min(Math.floor(Math.log10(count) / 3), 4);
  return `${(count / 1000 ** unit).toFixed(count / 1000 ** unit < 10 ? 1 : 0)} ${['', 'kB', 'MB', 'GB', 'TB'][unit]}`;
}

/** A number with about four significant digits, short enough for a table. */
export function figure(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  if (Number.isInteger(value)) return value.toLocaleString('en');
  const size = Math.abs(value);
  return size >= 1e5 || size < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}
