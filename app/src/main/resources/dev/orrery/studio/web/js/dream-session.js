// A dream on the server: beginning it, pressing keys, ten frames a second, and what it costs.
import { useLayoutEffect, useRef, useState } from './dom.js';
import { toast } from './parts.js';
import { call, onServer } from './server.js';

const PERIOD = 100, QUIET = 60_000, WINDOW = 2000, FEW = 4;
const RAW = { Accept: 'application/octet-stream' };

/** The frame in an answer: pixels, the world beside it, and what the server says about it. */
async function read(answer, { width: wide, height: high }) {
  const rgb = new Uint8Array(await answer.arrayBuffer());
  const [tall, all] = answer.headers.get('Orrery-Size').split('x').map(Number);
  const cut = (from, width, height) => {
    const pixels = new ImageData(width, height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const to = 4 * (y * width + x), at = 3 * (y * all + from + x);
        pixels.data[to] = rgb[at];
        pixels.data[to + 1] = rgb[at + 1];
        pixels.data[to + 2] = rgb[at + 2];
        pixels.data[to + 3] = 255;
      }
    }
    return pixels;
  };
  const said = (name) => answer.headers.get(`Orrery-${name}`);
  return {
    picture: cut(0, wide, high), truth: all > wide ? cut(wide, all - wide, tall) : null, world: said('World'),
    number: Number(said('Frame')), code: Number(said('Code')), millis: Number(said('Millis')),
  };
}

/** Frames a second over the last two seconds, or the last few frames where they take longer. */
function pace(times, now) {
  times.push(now);
  while (times.length > FEW && times[0] < now - WINDOW) times.shift();
  return times.length < 2 ? 0 : 1000 * (times.length - 1) / (now - times[0]);
}

/**
 * @param model the id of a model
 * @param settings `{ steps, tau, split }`, read anew for each frame
 * @param held returns the action that is pressed now, `null` for none
 * @returns the session's state and `{ begin, step, run, reset }`
 */
export function useDream(model, settings, held) {
  const [state, set] = useState({ running: false });
  const own = useRef({ id: null, busy: false, times: [], pressed: 0, opening: null });
  const now = useRef({});
  now.current = { settings, held, model, state };
  const put = (change) => set((old) => ({ ...old, ...change }));
  const leave = () => {
    const { id } = own.current;
    own.current.id = null;
    if (id) fetch(`/session/${id}`, { method: 'DELETE', keepalive: true }).catch(() => {});
  };

  /** Begins a dream on the server; a session that is there begins anew instead. */
  const begin = async (from) => {
    const o = own.current;
    o.busy = true;
    put({ running: false });
    try {
      if (!o.id) {
        const { steps, tau } = now.current.settings;
        o.opening = call('/session', { method: 'POST', body: JSON.stringify({ run: now.current.model, ...from, steps, tau }) });
        const session = await (await o.opening).json();
        if (o.gone) { o.id = session.id; leave(); return; }
        o.id = session.id;
        o.controls = session.controls;
        put({ controls: session.controls, mp4: session.mp4, problem: null });
        await show(await call(`/session/${o.id}/frame?beside=true`, { headers: RAW }));
      } else {
        await show(await call(`/session/${o.id}/reset?beside=true`, { method: 'POST', headers: RAW, body: JSON.stringify(from) }));
      }
      o.from = { ...o.from, ...from };
      if ('prompt' in from) delete o.from.picture;
      if ('picture' in from) delete o.from.prompt;
      o.times = [];
      put({ from: o.from, fps: 0, problem: null });
    } catch (cause) {
      if (o.gone) return;
      if (cause.status === 404 && o.id) { o.id = null; await begin({ ...o.from, ...from }); return; }
      if (o.id) toast(cause.message, 'bad'); else put({ problem: cause.message });
    } finally {
      o.busy = false;
    }
  };

  const show = async (answer) => {
    if (answer.status === 204) return null;
    const frame = await read(answer, own.current.controls);
    put({ frame });
    return frame;
  };

  const step = async (action) => {
    const o = own.current;
    if (o.busy || !o.id) return;
    o.busy = true;
    try {
      const { steps, tau } = now.current.settings;
      const answer = await call(`/session/${o.id}/step?beside=true`, { method: 'POST', headers: RAW, body: JSON.stringify({ action, steps, tau }) });
      if (!await show(answer)) return;
      const fps = pace(o.times, performance.now());
      if (fps) put({ fps });
    } catch (cause) {
      put({ running: false });
      if (cause.status === 404) {
        o.id = null;
        await begin(o.from);
        toast('The dream had ended, as nothing was pressed for a while. It begins anew.');
      } else toast(cause.message, 'bad');
    } finally {
      o.busy = false;
    }
  };

  const run = (on) => {
    if (on) own.current.times = [];
    own.current.pressed = performance.now();
    put({ running: on });
  };

  useLayoutEffect(() => {
    const o = own.current;
    o.gone = false;
    const beat = () => {
      const { state: { running, controls }, held: action } = now.current;
      if (!running || o.busy || document.hidden) return;
      const key = action();
      if (key !== null) o.pressed = performance.now();
      if (performance.now() - o.pressed > QUIET) {
        put({ running: false });
        toast('The dream stands still, as nothing was pressed for a minute.');
      } else step(key ?? controls.idle);
    };
    const timer = setInterval(beat, PERIOD);
    const back = onServer((there) => { if (there) { o.id = null; begin(o.from ?? {}); } });
    addEventListener('pagehide', leave);
    return () => { o.gone = true; clearInterval(timer); back(); removeEventListener('pagehide', leave); leave(); };
  }, []);
  return { ...state, begin, step, run, id: () => own.current.id };
}
