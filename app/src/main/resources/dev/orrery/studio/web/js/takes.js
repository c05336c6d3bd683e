// Recording demonstrations by hand, keeping them, and finding them again.
import { html } from './dom.js';
import { Icon } from './icons.js';
import { Button } from './parts.js';

/** Starts and ends a recording. */
export function RecordButton({ frame, say }) {
  return html`<${Button} icon=${frame.recording ? 'stop' : 'record'} kind=${`record ${frame.recording ? 'recording' : ''}`} keys="D"
    label=${frame.recording ? 'Stop' : 'Record'} onClick=${() => say('record', { on: !frame.recording })} />`;
}

/** A demonstration that waits to be kept or thrown away. */
export function TakeBar({ frame, say }) {
  return html`<div class="take-bar" role="group" aria-label="The demonstration just recorded"><p>${frame.recorded} frames of “${frame.recordedText}”, ${frame.recordedSuccess ? 'goal reached' : 'goal not reached'}.</p>
    <${Button} kind="primary" icon="check" label="Save episode" onClick=${() => say('save')} /><${Button} icon="trash" kind="quiet" label="Discard" onClick=${() => say('discard')} /></div>`;
}

/** The demonstrations that were saved. */
export function Takes({ session, frame }) {
  const { takes = [] } = session;
  return html`<section class="panel stack takes" aria-label="Demonstrations"><h2 class="minor">Demonstrations</h2>
    <p class="small muted">${frame.recording ? 'Time stands still while you do not move.'
      : takes.length ? 'Saved in the LeRobot data set “recordings”.' : html`Press <kbd>D</kbd> or the red dot under the table: the scene starts over and you steer. What you save becomes an episode of a LeRobot data set.`}</p>
    ${takes.length > 0 && html`<ol class="take-list" aria-label="Saved demonstrations">${takes.map((take) => html`<li key=${take.episode}>
      <a href=${`#/episodes?${new URLSearchParams({ set: take.set, episode: take.episode })}`}><${Icon} name="film" /><span class="grow clip">${take.task}</span><span class="num faint small">${take.length} frames</span></a></li>`)}</ol>`}
  </section>`;
}
