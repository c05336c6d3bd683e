// Talking with the server: JSON over HTTP, and the live socket.

/** A failed answer; the message is the server's own sentence. */
export class Refusal extends Error {}

/** Asks for JSON; a refusal or a server that is gone becomes a sentence for the reader. */
export async function ask(path, params = {}, options = {}) {
  const query = new URLSearchParams(params).toString();
  let answer;
  try {
    answer = await fetch(`/api/${path}${query ? `?${query}` : ''}`, options);
  } catch (cause) {
    if (cause.name === 'AbortError') throw cause;
    throw new Refusal('The studio server does not answer. Is `orrery studio` still running in its terminal?');
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
    socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/${path}`);
    socket.onopen = () => { pause = 500; state('open'); };
    socket.onmessage = (event) => heard(JSON.parse(event.data));
    socket.onclose = (event) => {
      if (closed) return;
      if (event.code === 1013) return state('refused', event.reason);
      state('lost');
      timer = setTimeout(open, pause);
      pause = Math.min(pause * 2, 8000);
    };
  };
  open();
  return {
    say: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    close: () => { closed = true; clearTimeout(timer); socket.close(); },
  };
}
