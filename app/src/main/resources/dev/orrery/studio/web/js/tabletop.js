// The live page: an instruction, the table, whoever acts, and recording by hand.
import { html, useRef, useState } from './dom.js';
import { Actor } from './actor.js';
import { Banner, Instruction, Welcome } from './instruct.js';
import { Button, Loading, Pill, Problem, useKeys } from './parts.js';
import { Senses } from './senses.js';
import { HAND, over, useSession } from './session.js';
import { Stage } from './stage.js';
import { RecordButton, TakeBar, Takes } from './takes.js';

const ROOM = { x: [0.02, 0.98], y: [0.02, 0.98], z: [0.02, 0.25] };
const within = (v, [low, high]) => Math.min(high, Math.max(low, v));
const STATUS = { ready: ['', 'Ready'], running: ['live', 'Acting'], paused: ['', 'Paused'], success: ['good', 'Done'], timeout: ['warn', 'Out of time'], failed: ['bad', 'Failed'] };

function Transport({ frame, say }) {
  const running = frame.status === 'running';
  return html`<div class="transport">
    <${Button} icon=${running ? 'pause' : 'play'} kind="primary" only label=${running ? 'Pause' : 'Play'} keys="Space" disabled=${over(frame)} onClick=${() => say(running ? 'pause' : 'play')} />
    <${Button} icon="step" only label="One step" keys="." disabled=${over(frame) || running} onClick=${() => say('step')} />
    <${Button} icon="reset" only label="Same scene again" keys="R" onClick=${() => say('reset', { seed: frame.seed })} />
    <div class="progress" title=${`step ${frame.step} of ${frame.limit}`}><i style=${{ width: `${100 * frame.step / frame.limit}%` }} /></div>
    <span class="mono num nowrap small muted" data-step=${frame.step}>${frame.step} / ${frame.limit}</span>
    <${RecordButton} frame=${frame} say=${say} />
  </div>`;
}

function Controls({ steer, target }) {
  return html`<div class="by-hand" role="group" aria-label="Steer the gripper">
    <${Button} label="Raise" kind="small" keys="W" onClick=${() => steer({ lift: 0.03 })} /><${Button} label="Lower" kind="small" keys="S" onClick=${() => steer({ lift: -0.03 })} />
    <${Button} label=${target?.grip > 0 ? 'Open' : 'Close'} kind="small" keys="G" onClick=${() => steer({ toggle: true })} />
    <span class="small muted">Point to move, wheel for height, click to grip</span></div>`;
}

/** Where the reader's hand wants the gripper to be; it starts anew with every episode. */
function useHand(frame, say) {
  const target = useRef(null), episode = useRef();
  if (frame?.policy !== HAND) {
    target.current = null;
    episode.current = undefined;
  } else if (frame.episode !== episode.current) {
    const { x, y, z, gap } = frame.scene.gripper;
    target.current = { x, y, z, grip: gap > 0.75 ? -1 : 1 };
    episode.current = frame.episode;
  }
  const steer = (change) => {
    const t = target.current;
    if (!t) return;
    if ('x' in change) t.x = within(change.x, ROOM.x);
    if ('y' in change) t.y = within(change.y, ROOM.y);
    if (change.by) t[change.by[0]] = within(t[change.by[0]] + change.by[1], ROOM[change.by[0]]);
    if (change.lift) t.z = within(t.z + change.lift, ROOM.z);
    if (change.toggle) t.grip = -t.grip;
    say('hand', t);
  };
  return [target.current, steer];
}

const ARROWS = { ArrowLeft: ['x', -1], ArrowRight: ['x', 1], ArrowUp: ['y', 1], ArrowDown: ['y', -1], w: ['z', 1], s: ['z', -1], W: ['z', 1], S: ['z', -1] };

export function Tabletop({ params }) {
  const { session, say, clear } = useSession(params.get('policy'));
  const [chunk, setChunk] = useState(true);
  const { frame, link } = session;
  const hand = frame?.policy === HAND;
  const [target, steer] = useHand(frame, say);
  useKeys((event) => {
    if (!frame) return false;
    const arrow = hand && ARROWS[event.key];
    if (arrow) {
      const [axis, sign] = arrow;
      steer({ by: [axis, sign * (axis === 'z' ? 0.02 : 0.03) * (event.shiftKey ? 0.25 : 1)] });
      return true;
    }
    switch (event.key.toLowerCase()) {
      case ' ': hand ? steer({ toggle: true }) : say('toggle'); return true;
      case '.': say('step'); return true;
      case 'r': say('reset', { seed: frame.seed }); return true;
      case 'n': say('reset', { fresh: true }); return true;
      case 'd': say('record', { on: !frame.recording }); return true;
      case 'g': if (hand) steer({ toggle: true }); return hand;
      default: return false;
    }
  });

  if (link === 'refused') return html`<div class="page"><header><h1>Tabletop</h1></header><${Problem}>${session.reason || 'The server refused another session.'}<//></div>`;
  if (!frame) return html`<div class="page"><header><h1>Tabletop</h1></header><${Loading} /></div>`;
  const [kind, word] = link !== 'open' ? ['bad', 'Connection lost, trying again']
    : frame.loading ? ['live', 'Loading'] : hand && frame.status === 'ready' ? ['', 'Yours'] : STATUS[frame.status];
  return html`<div class="page tabletop" data-episode=${frame.episode}>
    <header><h1>Tabletop</h1><${Pill} kind=${kind}>${word}<//>${frame.recording && html`<${Pill} kind="bad">Recording, ${frame.recorded} frames<//>`}</header>
    <${Welcome} />
    <${Instruction} session=${session} say=${say} clear=${clear} />
    <div class="desk">
      <section class="table-side" aria-label="The table">
        <div class="stage-box"><${Stage} frame=${frame} hand=${hand} showChunk=${chunk} point=${steer}
          drag=${(block, x, y, drop) => say('drag', { block, x, y, drop })} /><${Banner} session=${session} say=${say} clear=${clear} /></div>
        ${!frame.recording && frame.recorded > 0 ? html`<${TakeBar} frame=${frame} say=${say} />` : hand ? html`<${Controls} steer=${steer} target=${target} />` : null}
        <${Transport} frame=${frame} say=${say} />
      </section>
      <aside class="stack" aria-label="Policy, scene and demonstrations">
        <${Senses} frame=${frame} /><${Actor} session=${session} say=${say} chunk=${chunk} setChunk=${setChunk} />
        <${Takes} session=${session} frame=${frame} />
      </aside>
    </div>
  </div>`;
}
