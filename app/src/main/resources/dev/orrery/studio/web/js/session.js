// The live table's session: its line to the server, its newest frame and the words around it.
import { useLayoutEffect, useRef, useState } from './dom.js';
import { toast } from './parts.js';
import { line } from './server.js';

export const HAND = 'hand';
export const over = (frame) => ['success', 'timeout', 'failed'].includes(frame.status);

/**
 * @param wanted the policy to begin with, if any
 * @returns `{ session, say, clear }`; a line that was lost comes back with the scene, instruction and policy it had
 */
export function useSession(wanted) {
  const [session, set] = useState({ link: 'connecting', policies: [], examples: [], takes: [] });
  const talk = useRef({ say() {} }), newest = useRef(null);
  const say = (type, more = {}) => talk.current.say({ type, ...more });
  useLayoutEffect(() => {
    const heard = (message) => {
      if (message.type === 'notice') return toast(message.text, message.level);
      if (message.type === 'frame') { newest.current = message; set((old) => ({ ...old, frame: message })); }
      else if (message.type === 'unclear') set((old) => ({ ...old, unclear: message }));
      else set((old) => ({ ...old, ...message }));
    };
    const stated = (link, reason) => {
      set((old) => ({ ...old, link, reason }));
      if (link !== 'open') return;
      const { current: last } = newest;
      if (last) {
        say('restore', { policy: last.policy, text: last.instruction, seed: last.seed });
        toast('Connected again. The scene was laid anew.');
      } else if (wanted) say('policy', { id: wanted });
    };
    talk.current = line('tabletop', heard, stated);
    return () => talk.current.close();
  }, []);
  const first = useRef(true);
  useLayoutEffect(() => {
    if (!first.current && wanted) say('policy', { id: wanted });
    first.current = false;
  }, [wanted]);
  return { session, say, clear: () => set((old) => ({ ...old, unclear: null })) };
}
