// Talking with the server: JSON over HTTP, the live socket, and knowing when nobody answers.

/** A failed answer; the message is the server's own sentence. */
export class Refusal extends Error {}

const GONE = 'The studio server does not answer. Is `orrery studio` still running in its terminal?';
const PROBE = 1000;
const watchers = new Set();
let there = true;

/** Calls `watcher(true or false)` when the server comes back or is gone; returns how to stop. */
export function onServer(watcher) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export const isThere = () => there;

/** Notes whether the server answered. While it does not, it is asked once a second. */
function met(answers) {
  if (there === answers) return;
  there = answers;
  watchers.forEach((watcher) => watcher(there));
  if (!there) setTimeout(probe, PROBE);
}

/** Finds out whether the server still answers, as a stream or socket that ended does not say why. */
export async function probe() {
  try {
    await fetch('/icon.svg', { cache: 'no-store' });
    met(true);
  } catch {
    if (there) met(false); else setTimeout(probe, PROBE);
  }
}

/** Calls the server; a refusal carries the status of the answer, so that the caller can tell what to do. */
export async function call(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    met(false);
    throw new Refusal(GONE);
  }
  if (answer.ok) return answer;
  const body = await answer.json().catch(() => ({}));
  throw Object.assign(new Refusal(body.error || `The server answered ${answer.status} to ${path}.`), { status: answer.status });
}

/** Asks for JSON; a refusal or a server that is gone becomes a sentence for the reader. */
export async function ask(path, params = {}, options = {}) {
  const query = new URLSearchParams(params).toString();
  let answer;
  try {
    answer = await fetch(`/api/${path}${query ? `?${query}` : ''}`, options);
  } catch (cause) {
    if (cause.name === 'AbortError') throw cause;
    met(false);
    throw new Refusal(GONE);
  }
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(body.error || `The server answered ${answer.status} to ${path}.`);
  return body;
}

/** The address of one frame of one camera of one episode. */
export function frameAddress({ set, episode, stamp }, camera, frame) {
  return `/api/data/frame?${new URLSearchParams({ set, episode, camera, frame, stamp })}`;
}

/**
 * A socket that comes back by itself. `heard(message)` gets every message, `state(name)` one of
 * `open`, `lost` and `refused`. Returns `{ say, close }`; what is said while the line is down is dropped.
 */
export function line(path, heard, state) {
  let socket, timer, closed = false, pause = 500;
  const open = () => {
    clearTimeout(timer);
    socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/${path}`);
    socket.onopen = () => { pause = 500; state('open'); };
    socket.onmessage = (event) => heard(JSON.parse(event.data));
    socket.onclose = (event) => {
      if (closed) return;
      if (event.code === 1013) return state('refused', event.reason);
      state('lost');
      probe();
      timer = setTimeout(() => { if (there) open(); }, pause);
      pause = Math.min(pause * 2, 8000);
    };
  };
  const back = onServer((answers) => { if (answers && socket.readyState === WebSocket.CLOSED) open(); });
  open();
  return {
    say: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    close: () => { closed = true; back(); clearTimeout(timer); socket.close(); },
  };
}
