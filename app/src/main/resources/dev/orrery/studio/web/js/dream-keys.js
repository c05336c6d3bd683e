// What is held down: digits are codes, arrows and space are actions of the world, buttons are either.
import { html, useRef, useState } from './dom.js';
import { Icon } from './icons.js';

const MOVES = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'jump', ' ': 'jump', ArrowDown: 'down' };

/** The action that moves held together make, if the calibration knows it: `jump` and `left` are `jump left`. */
function action(moves, actions) {
  const has = (name) => moves.includes(name);
  const across = has('left') === has('right') ? null : has('left') ? 'left' : 'right';
  const names = [has('jump') && across && `jump ${across}`, has('jump') && 'jump', has('down') && 'down', across];
  return names.find((name) => name && name in actions) ?? null;
}

/**
 * The keys that are held. `taken()` says what is pressed in this frame: a key that came and went between two
 * frames counts once. A digit wins over moves, the newest digit over older ones.
 */
export function useHeld() {
  const own = useRef({ held: [], tapped: [], actions: {}, codes: 0 }).current;
  const [, redraw] = useState(0);
  const tell = () => redraw((n) => n + 1);
  const name = ({ key }) => (/^\d$/.test(key) && Number(key) < own.codes ? Number(key) : MOVES[key]);
  const press = (what) => { own.held = [...own.held.filter((h) => h !== what), what]; own.tapped = [...own.tapped, what]; tell(); };
  const release = (what) => { own.held = own.held.filter((h) => h !== what); tell(); };
  const meant = (list) => list.filter((h) => typeof h === 'number').at(-1) ?? action(list, own.actions);
  return {
    learn: (controls) => { own.actions = controls?.actions ?? {}; own.codes = controls?.codes ?? 0; },
    knows: (event) => name(event) !== undefined,
    down: (event) => { const what = name(event); if (what === undefined) return false; press(what); return true; },
    up: (event) => { const what = name(event); if (what !== undefined) release(what); },
    press, release,
    clear: () => { own.held = []; own.tapped = []; tell(); },
    now: () => meant(own.held),
    taken: () => { const all = [...own.tapped, ...own.held]; own.tapped = []; return meant(all); },
    holds: (what) => own.held.includes(what),
    can: (what) => action([what], own.actions) !== null,
  };
}

/** What makes a button act for as long as it is pressed, by touch, mouse or keyboard. */
function hold(keys, what, start) {
  const begin = (event) => { event.preventDefault(); try { event.currentTarget.setPointerCapture(event.pointerId); } catch { /* the pointer may be gone already */ } keys.press(what); start(); };
  const end = () => keys.release(what);
  return {
    onPointerDown: begin, onPointerUp: end, onPointerCancel: end, onLostPointerCapture: end, onContextMenu: (event) => event.preventDefault(),
    onKeyDown: (event) => { if ((event.key === 'Enter' || event.key === ' ') && !event.repeat) { event.preventDefault(); event.stopPropagation(); keys.press(what); start(); } },
    onKeyUp: (event) => { if (event.key === 'Enter' || event.key === ' ') end(); }, onBlur: end,
  };
}

/** Every code with what it was seen to do, as a key to press. */
export function Codes({ controls, keys, pressed, start }) {
  const { codes, idle, meanings, actions } = controls;
  const measured = meanings.length > 0;
  const named = (code) => Object.entries(actions).filter(([, c]) => c === code).map(([name]) => name);
  const does = (code) => {
    const seen = measured ? meanings[code].does : '';
    const also = named(code).filter((name) => name !== seen);
    return html`${seen || (also.length ? '' : html`<span class="faint">${measured ? 'never used' : 'not measured'}</span>`)}${also.length > 0 && html`${seen && ' '}<span class="faint">${seen ? `(key: ${also.join(', ')})` : also.join(', ')}</span>`}`;
  };
  return html`<section class="panel stack" aria-label="Keys"><h2 class="minor">Keys</h2>
    <table class="codes"><caption class="visually-hidden">Latent codes and what they do</caption><thead><tr><th scope="col">Key</th><th scope="col">Does</th>${measured && html`<th scope="col" class="num">Sure</th><th scope="col" class="num">Used</th>`}</tr></thead>
      <tbody>${Array.from({ length: codes }, (_, code) => html`<tr key=${code} class=${pressed === code ? 'held' : ''}>
        <td><button type="button" class=${`code ${keys.holds(code) ? 'held' : ''}`} aria-label=${`Code ${code}`} ...${hold(keys, code, start)}>${code}</button></td>
        <td>${does(code)}${code === idle && html` <span class="faint">· no key</span>`}</td>
        ${measured && html`<td class="num mono small">${Math.round(100 * meanings[code].share)} %</td><td class="num mono small">${Math.round(100 * meanings[code].usage)} %</td>`}</tr>`)}</tbody></table>
    <p class="small muted">${Object.keys(actions).length ? html`<kbd>←</kbd> <kbd>→</kbd> and <kbd>Space</kbd> press the codes that stand for left, right and jump; hold them together for both.` : 'Nobody measured what the codes of this model do, so only digits play it.'}</p>
  </section>`;
}

const PADS = [['left', 'Left', '', '←'], ['right', 'Right', '', '→'], ['jump', 'Jump', 'jump', 'Jump']];

/** Large buttons for thumbs, shown where there is a touch screen: moves, or every code where nobody measured what codes do. */
export function Pads({ controls, keys, start }) {
  const able = PADS.filter(([what]) => keys.can(what));
  const digits = Array.from({ length: controls.codes }, (_, code) => [code, `Press code ${code}`, '', code]);
  return html`<div class=${`pads ${able.length ? '' : 'digits'}`} role="group" aria-label="Touch controls">${(able.length ? able : digits).map(([what, label, kind, sign]) => html`<button type="button" key=${what} aria-label=${label}
    class=${`${kind} ${keys.holds(what) ? 'held' : ''}`} ...${hold(keys, what, start)}>${sign}</button>`)}</div>`;
}
