// The frame around every page: navigation, theme, shortcuts, messages.
import { html, render, useErrorBoundary, useLayoutEffect, useRef, useState } from './dom.js';
import { Icon, Orrery } from './icons.js';
import { Button, Problem, Toasts, useKeys } from './parts.js';
import { isThere, onServer } from './server.js';
import { choice, choose, CHOICES } from './theme.js';
import { Tabletop } from './tabletop.js';
import { Runs } from './runs.js';
import { Episodes } from './episodes.js';
import { DataSets } from './datasets.js';
import { Dream } from './dream.js';

const PAGES = [
  { id: 'tabletop', name: 'Tabletop', key: '1', view: Tabletop },
  { id: 'runs', name: 'Runs', key: '2', view: Runs },
  { id: 'episodes', name: 'Episodes', key: '3', view: Episodes },
  { id: 'data', name: 'Data', key: '4', view: DataSets },
  { id: 'dream', name: 'Dream', key: '5', view: Dream, digits: true },
];

/** The address after the hash as `{ page, params }`: `#/runs?run=a&run=b`. */
function route() {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { page: path || 'tabletop', params: new URLSearchParams(query) };
}

function useRoute() {
  const [at, set] = useState(route);
  useLayoutEffect(() => {
    const listen = () => set(route());
    addEventListener('hashchange', listen);
    listen();
    return () => removeEventListener('hashchange', listen);
  }, []);
  return at;
}

function Themes() {
  const [chosen, set] = useState(choice);
  const icons = { auto: 'auto', light: 'sun', dark: 'moon' };
  const take = (next) => { choose(next); set(next); };
  const move = (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = CHOICES[(CHOICES.indexOf(chosen) + by + CHOICES.length) % CHOICES.length];
    take(next);
    event.currentTarget.querySelector(`[data-choice=${next}]`).focus();
  };
  return html`<div class="themes" role="radiogroup" aria-label="Theme" onKeyDown=${move}>
    ${CHOICES.map((name) => html`<button key=${name} type="button" role="radio" data-choice=${name} aria-checked=${String(name === chosen)}
      tabindex=${name === chosen ? 0 : -1} title=${name === 'auto' ? 'As the system prefers' : `${name} theme`}
      aria-label=${name === 'auto' ? 'Theme of the system' : `${name} theme`} onClick=${() => take(name)}><${Icon} name=${icons[name]} size=${16} /></button>`)}
  </div>`;
}

const KEYS = [
  ['Everywhere', [['Pages', ['1', '…', '5']], ['This list', ['?']], ['Close', ['Esc']]]],
  ['Tabletop', [['Write an instruction', ['/']], ['Play or pause', ['Space']], ['One step', ['.']], ['Same scene again', ['R']], ['New scene', ['N']], ['Record a demonstration', ['D']]]],
  ['Dream', [['Codes', ['0', '…', '7']], ['Left, right, jump', ['←', '→', 'Space']], ['Reset', ['R']], ['Next prompt', ['P']], ['Save a GIF', ['S']], ['Freeze or go on', ['F']], ['One frame', ['.']]]],
  ['By hand', [['Move', ['←', '→', '↑', '↓']], ['Raise, lower', ['W', 'S']], ['Open or close', ['G']], ['Finer moves', ['Shift']]]],
  ['A block in focus', [['Nudge', ['←', '→', '↑', '↓']], ['Next block', ['Tab']]]],
  ['Film', [['Play or pause', ['Space']], ['Frame by frame', ['←', '→']], ['First, last', ['Home', 'End']], ['Episode before, after', ['[', ']']]]],
];

function KeySheet({ open, close }) {
  const dialog = useRef();
  useLayoutEffect(() => {
    if (open && !dialog.current.open) dialog.current.showModal();
    if (!open && dialog.current.open) dialog.current.close();
  }, [open]);
  return html`<dialog class="sheet" ref=${dialog} onClose=${close} aria-labelledby="keys-title"
      onClick=${(event) => event.target === dialog.current && close()}>
    <div class="row apart"><h2 id="keys-title">Keyboard</h2>
      <button type="button" class="button quiet icon" aria-label="Close" onClick=${close}><${Icon} name="close" /></button></div>
    <div class="keys">${KEYS.map(([title, rows]) => html`<section key=${title}><h3>${title}</h3><dl>
      ${rows.map(([what, keys]) => html`<dt>${what}</dt><dd class="nowrap">${keys.map((key) => html`<kbd>${key}</kbd> `)}</dd>`)}</dl></section>`)}</div>
  </dialog>`;
}

/** Says that nobody answers, for as long as that is so. */
function Gone() {
  const [there, set] = useState(isThere);
  useLayoutEffect(() => onServer(set), []);
  return there ? null : html`<div class="gone" role="alert"><${Icon} name="alert" /><p><strong>The studio server does not answer.</strong> Start it again in its terminal with <code>./orrery studio --port ${location.port}</code>; this page goes on by itself.</p></div>`;
}

function Missing({ page }) {
  return html`<div class="page"><header><h1>Not found</h1></header><${Problem}>There is no page “${page}”. The pages are Tabletop, Runs, Episodes, Data and Dream.<//></div>`;
}

/** A page that breaks says so, and leaves the way to the others open. */
function Guarded({ children }) {
  const [fault, again] = useErrorBoundary((cause) => console.error(cause));
  useLayoutEffect(() => {
    if (!fault) return undefined;
    addEventListener('hashchange', again);
    return () => removeEventListener('hashchange', again);
  }, [fault]);
  return fault ? html`<div class="page"><div class="stack"><${Problem}>This page broke: ${String(fault.message ?? fault)}. The other pages still work; the browser’s console says more.<//>
    <div><${Button} label="Try again" icon="reset" onClick=${() => again()} /></div></div></div>` : children;
}

function App() {
  const { page, params } = useRoute();
  const [help, setHelp] = useState(false);
  const current = PAGES.find((p) => p.id === page);
  useLayoutEffect(() => { document.title = `${current ? current.name : 'Not found'} · Orrery Studio`; }, [page]);
  useKeys((event) => {
    if (event.key === '?') { setHelp(true); return true; }
    const to = !current?.digits && PAGES.find((p) => p.key === event.key);
    if (to) location.hash = `#/${to.id}`;
    return Boolean(to);
  });
  const View = current?.view;
  const skip = (event) => { event.preventDefault(); document.getElementById('content').focus(); };
  return html`<div class="shell">
    <a class="skip" href="#content" onClick=${skip}>Skip to content</a>
    <header class="rail">
      <a class="wordmark" href="#/tabletop"><${Orrery} /><strong>Orrery <span>Studio</span></strong></a>
      <nav class="nav" aria-label="Pages">${PAGES.map((p) => html`<a key=${p.id} href=${`#/${p.id}`} aria-current=${p.id === page ? 'page' : undefined}>
        <${Icon} name=${p.id} size=${20} />${p.name}<kbd aria-hidden="true">${p.key}</kbd></a>`)}</nav>
      <div class="foot">
        <button type="button" class="button quiet help" onClick=${() => setHelp(true)} aria-label="Keyboard shortcuts" aria-keyshortcuts="?"><${Icon} name="keys" /><span>Keyboard</span> <kbd>?</kbd></button>
        <${Themes} />
      </div>
    </header>
    <main id="content" tabindex="-1"><${Gone} /><${Guarded} key=${page}>${View ? html`<${View} params=${params} key=${page} />` : html`<${Missing} page=${page} />`}<//></main>
    <${KeySheet} open=${help} close=${() => setHelp(false)} />
    <${Toasts} />
  </div>`;
}

render(html`<${App} />`, document.getElementById('app'));
