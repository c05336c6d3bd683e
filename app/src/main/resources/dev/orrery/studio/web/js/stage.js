// The table, drawn crisply from the scene: blocks, fixtures, gripper and the predicted chunk.
import { html, useLayoutEffect, useMemo, useRef, useState } from './dom.js';
import { LIFT, outline, project, ring, solid } from './solids.js';

const at = (x, y, z = 0) => { const [px, py] = project(x, y, z); return { transform: `translate(${px.toFixed(1)}px, ${py.toFixed(1)}px)` }; };

function Block({ block, height, live, held, grab, nudge }) {
  const form = useMemo(() => solid(outline(block.shape, block.yaw), height), [block.shape, block.yaw, height]);
  const paint = `var(--block-${block.colour})`;
  const name = `${block.colour} ${block.shape}`;
  return html`<g class=${`block ${held ? 'held' : ''}`} style=${at(block.x, block.y, block.z)} data-block=${name}
      data-x=${block.x.toFixed(4)} data-y=${block.y.toFixed(4)} data-z=${block.z.toFixed(4)}
      tabindex=${live ? 0 : -1} role=${live ? 'button' : 'img'} aria-label=${`${name}, ${Math.round(block.x * 100)} right, ${Math.round(block.y * 100)} up`}
      onPointerDown=${grab} onKeyDown=${nudge}>
    <circle class="halo" r="66" cy=${-LIFT * height / 2} />
    ${form.sides.map(({ d, shade }) => html`<path d=${d} style=${{ fill: `color-mix(in oklab, ${paint}, #000 ${Math.round(shade * 62)}%)` }} />`)}
    <path d=${form.top} style=${{ fill: paint }} /><path class="sheen" d=${form.top} />
  </g>`;
}

function Shadow({ x, y, z, radius }) {
  return html`<ellipse class="shadow" rx=${radius * (1 + z)} ry=${radius * (1 + z)} style=${{ ...at(x + 0.12 * z, y - 0.05 * z), opacity: 0.3 / (1 + 6 * z) }} />`;
}

function Tray({ tray }) {
  const half = 1000 * tray.half, wall = 0.022, rise = LIFT * wall, rim = 12;
  return html`<g class="tray" style=${at(tray.x, tray.y)} role="img" aria-label="tray">
    <rect x=${-half} y=${-half - rise} width=${2 * half} height=${2 * half + rise} rx="14" class="tray-outside" />
    <rect x=${-half} y=${-half - rise} width=${2 * half} height=${2 * half} rx="14" class="tray-rim" />
    <rect x=${-half + rim} y=${-half - rise + rim} width=${2 * half - 2 * rim} height=${2 * half - 2 * rim} rx="8" class="tray-floor" />
    <rect x=${-half + rim} y=${-half - rise + rim} width=${2 * half - 2 * rim} height=${rise + 5} rx="8" class="tray-inside" />
  </g>`;
}

/** A round zone of a colour. */
function Zone({ zone }) {
  const half = 1000 * zone.half;
  return html`<g class="zone" style=${{ ...at(zone.x, zone.y), color: `var(--block-${zone.colour})` }} role="img" aria-label=${`${zone.colour} zone`}>
    <circle r=${half} /><text y=${half - 16}>${zone.colour}</text></g>`;
}

/** Cells of a sign lie .034 of the table apart, as in the pictures that the policy sees. */
const CELL = 34;

/** A square pad that shows a letter, a digit or an arrow. */
function Pad({ zone }) {
  const half = 1000 * zone.half;
  return html`<g class="pad" style=${at(zone.x, zone.y)} role="img" aria-label=${`pad with the ${zone.sign}`} data-sign=${zone.sign}>
    <rect class="paper" x=${-half} y=${-half} width=${2 * half} height=${2 * half} />
    ${zone.ink.map(([row, column]) => html`<rect class="ink" x=${(column - 2.5) * CELL} y=${(row - 2.5) * CELL} width=${CELL + 1.5} height=${CELL + 1.5} />`)}</g>`;
}

function PushButton({ button }) {
  const cap = useMemo(() => solid(ring(32, 34), button.pressed ? 0.006 : 0.022), [button.pressed]);
  return html`<g class=${`push-button ${button.pressed ? 'pressed' : ''}`} style=${at(button.x, button.y)} role="img" aria-label=${`button, ${button.pressed ? 'pressed' : 'not pressed'}`}>
    <circle r="52" class="button-base" />${cap.sides.map(({ d }) => html`<path d=${d} class="button-side" />`)}<path d=${cap.top} class="button-cap" /></g>`;
}

function Gripper({ gripper }) {
  const spread = 16 + 44 * gripper.gap;
  return html`<g class="gripper" style=${at(gripper.x, gripper.y, gripper.z)} data-x=${gripper.x.toFixed(4)} data-y=${gripper.y.toFixed(4)} data-z=${gripper.z.toFixed(4)} role="img" aria-label="gripper">
    <rect class="arm" x="-9" y="-150" width="18" height="66" rx="6" />
    <rect class="palm" x=${-spread - 13} y="-92" width=${2 * spread + 26} height="20" rx="9" />
    <rect class="finger" x=${-spread - 12} y="-84" width="17" height="84" rx="6" />
    <rect class="finger" x=${spread - 5} y="-84" width="17" height="84" rx="6" />
  </g>`;
}

/**
 * The actions predicted together, as a path through the air and its shadow on the table: solid as far as they will be
 * taken, pale where the next chunk will replace them.
 */
function Chunk({ points, committed, gripper }) {
  if (!points?.length) return null;
  const all = [[gripper.x, gripper.y, gripper.z, 0], ...points];
  const draw = (part, high) => part.map(([x, y, z]) => project(x, y, high ? z : 0).map((v) => v.toFixed(1)).join(',')).join(' ');
  return html`<g class="chunk" data-length=${points.length} data-committed=${committed} role="img" aria-label=${`predicted chunk of ${points.length} actions, ${committed} of them will be taken`}>
    <polyline class="casing" points=${draw(all, true)} /><polyline class="chunk-ground" points=${draw(all, false)} />
    <polyline class="chunk-path outlook" points=${draw(all.slice(committed), true)} />
    ${committed > 0 && html`<polyline class="chunk-path" points=${draw(all.slice(0, committed + 1), true)} />`}
    ${points.map(([x, y, z, grip], i) => { const [cx, cy] = project(x, y, z);
      return html`<circle class=${`${grip > 0 ? 'closed' : 'open'} ${i < committed ? '' : 'outlook'}`} cx=${cx} cy=${cy} r=${i === points.length - 1 ? 9 : 6.5} />`; })}
  </g>`;
}

/** Table coordinates of a pointer, on the plane of the table. */
function pointed(svg, event) {
  const p = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  return [p.x / 1000, 1 - p.y / 1000];
}

/** Height per unit of the wheel; browsers lay several turns together, so that counting events would not do. */
const NOTCH = 0.00015;

const clamp = (v) => Math.min(0.95, Math.max(0.05, v));
const NUDGE = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * @param frame the newest frame of the server
 * @param hand whether the reader steers the gripper; then the stage reports pointing, else dragging
 * @param drag called with `(block index, x, y, dropped)`
 * @param point called with `{ x, y }`, `{ lift }` or `{ toggle: true }` while the reader steers
 */
export function Stage({ frame, hand, showChunk, drag, point }) {
  const svg = useRef();
  const [moving, setMoving] = useState(null);
  const grabbed = useRef(null);
  const hold = (next) => { grabbed.current = next; setMoving(next); };
  const { scene } = frame;
  const blocks = scene.blocks.map((block, index) => ({ ...block, index, ...(moving?.index === index ? { x: moving.x, y: moving.y } : {}) }));

  useLayoutEffect(() => {
    const element = svg.current;
    const wheel = (event) => {
      if (!hand) return;
      event.preventDefault();
      point({ lift: -NOTCH * event.deltaY * [1, 33, 400][event.deltaMode] });
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  });

  const grab = (block) => (event) => {
    if (hand || event.button) return;
    event.stopPropagation();
    const [px, py] = pointed(svg.current, event);
    svg.current.setPointerCapture(event.pointerId);
    hold({ index: block.index, x: block.x, y: block.y, dx: block.x - px, dy: block.y - py });
  };
  const move = (event) => {
    const [px, py] = pointed(svg.current, event);
    if (grabbed.current) {
      const next = { ...grabbed.current, x: clamp(px + grabbed.current.dx), y: clamp(py + grabbed.current.dy) };
      hold(next);
      drag(next.index, next.x, next.y, false);
    } else if (hand && (event.pointerType === 'mouse' || event.buttons)) {
      point({ x: clamp(px), y: clamp(py) });
    }
  };
  const drop = () => {
    if (!grabbed.current) return;
    const { index, x, y } = grabbed.current;
    drag(index, x, y, true);
    hold(null);
  };
  const press = (event) => {
    if (!hand || event.button) return;
    const [px, py] = pointed(svg.current, event);
    if (event.pointerType === 'mouse') point({ toggle: true }); else point({ x: clamp(px), y: clamp(py) });
  };
  const nudge = (block) => (event) => {
    const by = NUDGE[event.key];
    if (!by || hand) return;
    event.preventDefault();
    event.stopPropagation();
    const size = event.shiftKey ? 0.005 : 0.02;
    drag(block.index, clamp(block.x + size * by[0]), clamp(block.y + size * by[1]), true);
  };

  const far = [...blocks].sort((a, b) => a.z - b.z || b.y - a.y);
  return html`<svg ref=${svg} class=${`stage ${hand ? 'hand' : ''} ${moving ? 'moving' : ''}`} viewBox="-36 -56 1072 1100" role="group"
      aria-label="Tabletop seen from above" data-seed=${frame.seed} onPointerMove=${move} onPointerUp=${drop} onPointerCancel=${drop} onPointerDown=${press}>
    <rect class="table-edge" x="-22" y="-14" width="1044" height="1050" rx="30" /><rect class="table" x="-22" y="-22" width="1044" height="1044" rx="30" />
    <g class="rule">${[0.25, 0.5, 0.75].map((v) => html`<path d=${`M${1000 * v} 0V1000M0 ${1000 * v}H1000`} />`)}</g>
    ${scene.zones.map((zone, i) => html`<${zone.round ? Zone : Pad} key=${i} zone=${zone} />`)}
    ${scene.tray && html`<${Tray} tray=${scene.tray} />`}${scene.button && html`<${PushButton} button=${scene.button} />`}
    ${far.map((b) => html`<${Shadow} key=${`s${b.index}`} x=${b.x} y=${b.y} z=${b.z} radius=${46} />`)}
    <${Shadow} x=${scene.gripper.x} y=${scene.gripper.y} z=${scene.gripper.z} radius=${40} />
    ${far.map((b) => html`<${Block} key=${b.index} block=${b} height=${scene.blockHeight} live=${!hand} held=${b.held} grab=${grab(b)} nudge=${nudge(b)} />`)}
    <${Plumb} gripper=${scene.gripper} />
    ${showChunk && html`<${Chunk} points=${frame.chunk} committed=${frame.committed} gripper=${scene.gripper} />`}
    <${Gripper} gripper=${scene.gripper} />
  </svg>`;
}

/** The plumb line from the gripper to the table: where it would come down. */
function Plumb({ gripper }) {
  const rise = LIFT * gripper.z;
  return html`<g class="plumb" style=${at(gripper.x, gripper.y)}><path d=${`M0 ${-rise}V0`} /><path d="M-14 0H14M0 -9V9" /></g>`;
}
