// Recording demonstrations by hand, keeping them, and finding them again.
import { html } from './dom.js';
import { Icon } from './icons.js';
import { Button } from './parts.js';

export function Takes({ session, frame, say }) {
  const { takes = [] } = session;
  const waiting = !frame.recording && frame.recorded > 0;
  return html`<section class="panel stack takes" aria-label="Demonstrations"><h3>Demonstrations</h3>
    ${waiting
      ? html`<p>${frame.recorded} frames of “${frame.recordedText}”, ${frame.recordedSuccess ? 'goal reached' : 'goal not reached'}.</p>
        <div class="row"><${Button} kind="primary" icon="check" label="Save episode" onClick=${() => say('save')} /><${Button} icon="trash" kind="quiet" label="Discard" onClick=${() => say('discard')} /></div>`
      : html`<div class="row"><${Button} icon=${frame.recording ? 'stop' : 'record'} kind=${frame.recording ? 'recording' : ''} keys="D"
          label=${frame.recording ? 'Stop recording' : 'Record by hand'} onClick=${() => say('record', { on: !frame.recording })} /></div>
        <p class="small muted">${frame.recording ? 'Time stands still while you do not move.' : 'The scene starts over and you steer. The take is kept as an episode of a LeRobot data set.'}</p>`}
    ${takes.length > 0 && html`<ol class="take-list" aria-label="Saved demonstrations">${takes.map((take) => html`<li key=${take.episode}>
      <a href=${`#/episodes?${new URLSearchParams({ set: take.set, episode: take.episode })}`}><${Icon} name="film" /><span class="grow clip">${take.task}</span><span class="num faint small">${take.length} frames</span></a></li>`)}</ol>`}
  </section>`;
}
