// The live page: an instruction, the table, whoever acts, and recording by hand.
import { html, useEffect, useLayoutEffect, useRef, useState } from './dom.js';
import { Icon } from './icons.js';
import { Button, Loading, Pill, Problem, toast, useKeys } from './parts.js';
import { line } from './server.js';
import { Senses } from './senses.js';
import { Stage } from './stage.js';
import { RecordButton, TakeBar, Takes } from './takes.js';

const HAND = 'hand';
const ROOM = { x: [0.02, 0.98], y: [0.02, 0.98], z: [0.02, 0.25] };
const within = (v, [low, high]) => Math.min(high, Math.max(low, v));

/** The session's line to the server, its newest frame and the words around it; `wanted` may name a policy to begin with. */
function useSession(wanted) {
  const [session, set] = useState({ link: 'connecting', policies: [], examples: [], takes: [] });
  const talk = useRef({ say() {} });
  useEffect(() => {
    talk.current = line('tabletop', (message) => {
      if (message.type === 'notice') return toast(message.text, message.level);
      set((old) => message.type === 'frame' ? { ...old, frame: message, hand: message.policy === HAND ? old.hand : null }
        : message.type === 'unclear' ? { ...old, unclear: message }
        : { ...old, ...message });
    }, (link, reason) => {
      set((old) => ({ ...old, link, reason }));
      if (link === 'open' && wanted) talk.current.say({ type: 'policy', id: wanted });
    });
    return () => talk.current.close();
  }, []);
  const say = (type, more = {}) => talk.current.say({ type, ...more });
  return { session, say, clear: () => set((old) => ({ ...old, unclear: null })) };
}

function Instruction({ session, say, clear }) {
  const [text, setText] = useState('');
  const field = useRef();
  const given = session.frame?.instruction ?? '';
  const touched = useRef(false);
  useEffect(() => { touched.current = false; setText(given); clear(); }, [given]);
  const send = (words) => { clear(); setText(words); say('instruct', { text: words }); };
  useKeys((event) => event.key === '/' && (field.current.focus(), field.current.select(), true));
  const { unclear } = session;
  return html`<section class="instruct" aria-label="Instruction">
    <form onSubmit=${(event) => { event.preventDefault(); if (text.trim()) send(text.trim()); }}>
      <label class="visually-hidden" for="instruction">Instruction</label>
      <input id="instruction" ref=${field} class="input" value=${text} maxlength="200" autocomplete="off" autocapitalize="none" spellcheck=${false} enterkeyhint="go"
        placeholder="Tell it what to do: put the red star in the tray" aria-describedby="instruction-answer" aria-invalid=${unclear ? 'true' : undefined}
        onInput=${(event) => { touched.current = true; setText(event.target.value); }} onKeyDown=${(event) => event.key === 'Escape' && field.current.blur()} />
      <button class="button primary" type="submit"><span>Do it</span><${Icon} name="send" /></button>
    </form>
    <div id="instruction-answer" aria-live="polite">${unclear && html`<div class="unclear">
      <${Icon} name="alert" /><div><p>${unclear.text}</p>${unclear.suggestions?.length > 0 && html`<div class="row wrap">${unclear.suggestions.map((s) => html`<button type="button" class="chip" key=${s} onClick=${() => send(s)}>${s}</button>`)}</div>`}</div></div>`}</div>
    <div class="chips row" role="group" aria-label="Examples for this scene">${session.examples.map((example) => html`<button type="button" class="chip" key=${example} onClick=${() => send(example)}>${example}</button>`)}</div>
  </section>`;
}

const STATUS = { ready: ['', 'Ready'], running: ['live', 'Acting'], paused: ['', 'Paused'], success: ['good', 'Done'], timeout: ['warn', 'Out of time'], failed: ['bad', 'Failed'] };

function Banner({ frame, say }) {
  if (frame.status === 'success') {
    return html`<div class="banner good" role="status"><${Icon} name="check" size=${22} /><div><strong>Done in ${frame.step} steps</strong><span>${frame.instruction}</span></div></div>`;
  }
  if (frame.status === 'timeout' || frame.status === 'failed') {
    return html`<div class="banner warn" role="status"><${Icon} name="alert" size=${22} /><div><strong>${frame.status === 'timeout' ? `Not done after ${frame.limit} steps` : 'The episode failed'}</strong><span>${frame.why || frame.instruction}</span></div>
      <${Button} kind="small" label="Try again" onClick=${() => say('reset', { seed: frame.seed })} /></div>`;
  }
  return null;
}

function Transport({ frame, say }) {
  const over = ['success', 'timeout', 'failed'].includes(frame.status);
  const running = frame.status === 'running';
  return html`<div class="transport">
    <${Button} icon=${running ? 'pause' : 'play'} kind="primary" only label=${running ? 'Pause' : 'Play'} keys="Space" disabled=${over} onClick=${() => say(running ? 'pause' : 'play')} />
    <${Button} icon="step" only label="One step" keys="." disabled=${over || running} onClick=${() => say('step')} />
    <${Button} icon="reset" only label="Same scene again" keys="R" onClick=${() => say('reset', { seed: frame.seed })} />
    <div class="progress" title=${`step ${frame.step} of ${frame.limit}`}><i style=${{ width: `${100 * frame.step / frame.limit}%` }} /></div>
    <span class="mono num nowrap small muted" data-step=${frame.step}>${frame.step} / ${frame.limit}</span>
    <${RecordButton} frame=${frame} say=${say} />
  </div>`;
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

function Actor({ session, frame, say, chunk, setChunk }) {
  const policies = [...session.policies, { id: HAND, name: 'You, by hand', detail: 'steer with mouse, touch or keys' }];
  const chosen = policies.find((p) => p.id === frame.policy);
  return html`<section class="panel stack"><h3>Who acts</h3>
    <div class="field">
      <select id="policy" class="select" aria-label="Policy" onFocus=${() => say('policies')} value=${frame.policy} onChange=${(event) => say('policy', { id: event.target.value })}>
        ${policies.map((p) => html`<option key=${p.id} value=${p.id}>${p.name}</option>`)}</select>
      <p class="small muted">${chosen?.detail}${frame.policy !== HAND && frame.thinkMs > 0 && html` <span class="num">· ${frame.thinkMs.toFixed(frame.thinkMs < 10 ? 1 : 0)} ms a decision</span>`}</p></div>
    <label class="row small"><input type="checkbox" checked=${chunk} onChange=${(event) => setChunk(event.target.checked)} /> Draw the predicted chunk</label>
    <${Seed} frame=${frame} say=${say} />
  </section>`;
}

function Controls({ steer, target }) {
  return html`<div class="by-hand" role="group" aria-label="Steer the gripper">
    <${Button} label="Raise" kind="small" keys="W" onClick=${() => steer({ lift: 0.03 })} /><${Button} label="Lower" kind="small" keys="S" onClick=${() => steer({ lift: -0.03 })} />
    <${Button} label=${target?.grip > 0 ? 'Open' : 'Close'} kind="small" keys="G" onClick=${() => steer({ toggle: true })} />
    <span class="small muted">Point to move, wheel for height, click to grip</span></div>`;
}

const ARROWS = { ArrowLeft: ['x', -1], ArrowRight: ['x', 1], ArrowUp: ['y', 1], ArrowDown: ['y', -1], w: ['z', 1], s: ['z', -1], W: ['z', 1], S: ['z', -1] };

export function Tabletop({ params }) {
  const { session, say, clear } = useSession(params.get('policy'));
  const [chunk, setChunk] = useState(true);
  const target = useRef(null);
  const { frame, link } = session;
  const hand = frame?.policy === HAND;
  if (!hand) target.current = null;
  if (hand && !target.current) { const { x, y, z, gap } = frame.scene.gripper; target.current = { x, y, z, grip: gap > 0.75 ? -1 : 1 }; }
  const episode = useRef();
  if (hand && frame.episode !== episode.current) { episode.current = frame.episode; const { x, y, z } = frame.scene.gripper; target.current = { x, y, z, grip: -1 }; }

  const steer = (change) => {
    const t = target.current;
    if (!t) return;
    if ('x' in change) t.x = within(change.x, ROOM.x);
    if ('y' in change) t.y = within(change.y, ROOM.y);
    if (change.lift) t.z = within(t.z + change.lift, ROOM.z);
    if (change.toggle) t.grip = -t.grip;
    say('hand', t);
  };
  useKeys((event) => {
    if (!frame) return false;
    const arrow = hand && ARROWS[event.key];
    if (arrow) {
      const [axis, sign] = arrow, size = (axis === 'z' ? 0.02 : 0.03) * (event.shiftKey ? 0.25 : 1);
      steer(axis === 'z' ? { lift: sign * size } : { [axis]: target.current[axis] + sign * size });
      return true;
    }
    switch (event.key.toLowerCase()) {
      case ' ': hand ? steer({ toggle: true }) : say(frame.status === 'running' ? 'pause' : 'play'); return true;
      case '.': say('step'); return true;
      case 'r': say('reset', { seed: frame.seed }); return true;
      case 'n': say('reset', { fresh: true }); return true;
      case 'd': say('record', { on: !frame.recording }); return true;
      case 'g': if (hand) steer({ toggle: true }); return hand;
      default: return false;
    }
  });

  if (link === 'refused') return html`<div class="page"><${Problem}>${session.reason || 'The server refused another session.'}<//></div>`;
  if (!frame) return html`<div class="page">${link === 'lost' ? html`<${Problem}>The studio server does not answer; trying again. Is it still running in its terminal?<//>` : html`<${Loading} />`}</div>`;
  const [kind, word] = link === 'open' ? (hand && frame.status === 'ready' ? ['', 'Yours'] : STATUS[frame.status]) : ['bad', 'Connection lost, trying again'];
  return html`<div class="page tabletop">
    <header><h1>Tabletop</h1><${Pill} kind=${kind}>${word}<//>${frame.recording && html`<${Pill} kind="bad">Recording, ${frame.recorded} frames<//>`}</header>
    <${Instruction} session=${session} say=${say} clear=${clear} />
    <div class="desk">
      <section class="table-side">
        <div class="stage-box"><${Stage} frame=${frame} hand=${hand} showChunk=${chunk} point=${steer}
          drag=${(block, x, y, drop) => say('drag', { block, x, y, drop })} /><${Banner} frame=${frame} say=${say} /></div>
        ${!frame.recording && frame.recorded > 0 ? html`<${TakeBar} frame=${frame} say=${say} />` : hand ? html`<${Controls} steer=${steer} target=${target.current} />` : null}
        <${Transport} frame=${frame} say=${say} />
      </section>
      <aside class="stack">
        <${Senses} frame=${frame} /><${Actor} session=${session} frame=${frame} say=${say} chunk=${chunk} setChunk=${setChunk} />
        <${Takes} session=${session} frame=${frame} />
      </aside>
    </div>
  </div>`;
}
