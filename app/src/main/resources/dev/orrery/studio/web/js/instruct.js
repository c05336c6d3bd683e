// Saying what to do: the field, suggestions for this scene, and what became of it.
import { html, useLayoutEffect, useRef, useState } from './dom.js';
import { Icon } from './icons.js';
import { Button, useKeys } from './parts.js';
import { HAND } from './session.js';
import { doubts } from './skill.js';

const MET = 'orrery.met';

function met() {
  try { return Boolean(localStorage.getItem(MET)); } catch { return false; }
}

/** What somebody needs to know who has never been here; gone once it was read. */
export function Welcome() {
  const [shown, show] = useState(() => !met());
  if (!shown) return null;
  const close = () => {
    show(false);
    try { localStorage.setItem(MET, '1'); } catch { /* then it is shown again next time */ }
  };
  return html`<aside class="welcome" aria-label="Welcome"><p><strong>Tell the gripper what to do</strong> in the field below, or press a suggestion. A trained policy knows nothing but the two small pictures, four numbers and your words. Drag blocks to make it harder; press <kbd>?</kbd> for all keys.</p>
    <${Button} icon="close" kind="quiet small" only label="Got it" onClick=${close} /></aside>`;
}

export function Instruction({ session, say, clear }) {
  const { frame, unclear, examples } = session;
  const given = frame.instruction;
  const [text, setText] = useState(given);
  const typing = useRef(false), field = useRef();
  useLayoutEffect(() => { if (!typing.current || document.activeElement !== field.current) setText(given); }, [given]);
  const send = (words) => { typing.current = false; clear(); setText(words); say('instruct', { text: words }); };
  const type = (event) => { typing.current = true; setText(event.target.value); };
  useKeys((event) => event.key === '/' && (field.current.focus(), field.current.select(), true));
  const doubt = frame.policy !== HAND && doubts(session.policies.find((p) => p.id === frame.policy), frame.family);
  return html`<section class="instruct" aria-label="Instruction">
    <form onSubmit=${(event) => { event.preventDefault(); const words = field.current.value.trim(); if (words) send(words); }}>
      <label class="visually-hidden" for="instruction">Instruction</label>
      <input id="instruction" ref=${field} class="input" value=${text} maxlength="200" autocomplete="off" autocapitalize="none" spellcheck=${false} enterkeyhint="go"
        placeholder="Tell it what to do: put the red star in the tray" aria-describedby="instruction-answer" aria-invalid=${unclear ? 'true' : undefined}
        onInput=${type} onKeyDown=${(event) => event.key === 'Escape' && field.current.blur()} />
      <button class="button primary" type="submit" aria-label="Do it"><span>Do it</span><${Icon} name="send" /></button>
    </form>
    <div id="instruction-answer" aria-live="polite">${unclear ? html`<div class="unclear">
      <${Icon} name="alert" /><div><p>${unclear.text}</p>${unclear.suggestions?.length > 0 && html`<div class="row wrap">${unclear.suggestions.map((s) => html`<button type="button" class="chip" key=${s} onClick=${() => send(s)}>${s}</button>`)}</div>`}</div></div>`
      : doubt ? html`<p class="doubt small"><${Icon} name="alert" size=${15} /> ${doubt}</p>` : null}</div>
    <div class="chips row" role="group" aria-label="Examples for this scene">${examples.map((example) => html`<button type="button" class="chip" key=${example} onClick=${() => send(example)}>${example}</button>`)}</div>
  </section>`;
}

/** How the episode ended, and what could come next. */
export function Banner({ session, say, clear }) {
  const { frame, examples, policies } = session;
  const name = policies.find((p) => p.id === frame.policy)?.name ?? (frame.policy === HAND ? 'You' : frame.policy);
  const next = examples.find((example) => example !== frame.instruction);
  const again = html`<${Button} kind="small" label="Try again" onClick=${() => say('reset', { seed: frame.seed })} />`;
  if (frame.status === 'success') {
    return html`<div class="banner good" role="status"><${Icon} name="check" size=${22} /><div><strong>Done in ${frame.step} steps</strong><span>${frame.instruction}</span></div>
      ${next && frame.policy !== HAND && html`<${Button} kind="small" label="Try another" title=${`“${next}”`} onClick=${() => { clear(); say('instruct', { text: next }); }} />`}</div>`;
  }
  if (frame.broken || (frame.status === 'failed' && frame.why)) {
    return html`<div class="banner bad" role="alert"><${Icon} name="alert" size=${22} /><div><strong>${name} failed at step ${frame.step}</strong><span>${frame.why} Choose another policy under “Who acts”.</span></div>${again}</div>`;
  }
  if (frame.status === 'timeout' || frame.status === 'failed') {
    return html`<div class="banner warn" role="status"><${Icon} name="alert" size=${22} /><div><strong>Not done after ${frame.step} steps</strong><span>${frame.why || frame.instruction}</span></div>${again}</div>`;
  }
  return null;
}
