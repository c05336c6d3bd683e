// Playing inside a world model: keys go in, frames come out, the world itself runs beside it.
import { html, useEffect, useLayoutEffect, useRef, useState } from './dom.js';
import { useDream } from './dream-session.js';
import { Codes, Pads, useHeld } from './dream-keys.js';
import { Answered, Button, Empty, Loading, Pill, Problem, toast, useAnswer, useKeys } from './parts.js';

const within = (value, low, high, otherwise) => (Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : otherwise);

export function Dream({ params }) {
  const answer = useAnswer('dreams');
  if (!answer.value) return html`<div class="page"><header><h1>Dream</h1></header><${Answered} answer=${answer}>${() => null}<//></div>`;
  const { models } = answer.value;
  const wanted = params.get('run');
  if (!models.length) return html`<div class="page"><header><h1>Dream</h1></header><${Empty} icon="dream" title="No world model to play" command="./orrery train genie --preset smoke">A trained world model can be played here with keys, frame by frame. Train one; it then shows up in this list.<//></div>`;
  if (wanted && !models.some((m) => m.id === wanted)) return html`<div class="page"><header><h1>Dream</h1></header><${Problem}>There is no world model “${wanted}” to play. <a href="#/dream">Show those that can be played</a><//></div>`;
  const id = wanted ?? models[0].id;
  return html`<${Played} key=${id} models=${models} id=${id} params=${params} />`;
}

/** A click by mouse or touch leaves the keys to the dream; who walks the page by keyboard keeps the focus. */
const release = (event) => {
  if (event.detail > 0 && event.target.closest('button, label, input:not([inputmode])')) document.activeElement?.blur();
};

function Played({ models, id, params }) {
  const [settings, setSettings] = useState({ steps: within(Number(params.get('steps') ?? 8), 1, 25, 8), tau: within(Number(params.get('tau') ?? 1), 0.1, 4, 1), split: true });
  const [seed, setSeed] = useState(1);
  const keys = useHeld();
  const dream = useDream(id, settings, keys.taken);
  const [offer, setOffer] = useState(null);
  const [dropping, setDropping] = useState(false);
  const { controls, frame, from = {} } = dream;
  keys.learn(controls);
  useEffect(() => { dream.begin({ prompt: 0, seed }); }, []);
  const again = (change = {}) => { keys.clear(); setOffer(null); dream.begin({ seed, ...change }); };
  const next = () => controls && again({ prompt: ((from.prompt ?? -1) + 1) % controls.prompts.length });
  const change = (more) => setSettings((old) => ({ ...old, ...more }));
  const save = async (kind) => { if (await saved(`/session/${dream.id()}/film.${kind}?beside=${settings.split}`, kind)) toast(`Saved as dream.${kind}.`, 'good'); };
  const prompted = (picture) => again({ picture });
  const brought = (file) => picture(file, controls).then((got) => (got.fits ? prompted(got.base64()) : setOffer(got))).catch(() => toast(`“${file.name}” is no picture that this browser can read; bring a PNG.`, 'bad'));

  useKeys((event) => {
    if (event.target.matches?.('input')) return false;
    if (event.repeat && keys.knows(event)) return true;
    if (keys.down(event)) { if (!dream.running) dream.run(true); return true; }
    switch (event.key.toLowerCase()) {
      case 'r': again(); return true;
      case 'p': next(); return true;
      case 's': save('gif'); return true;
      case 'f': dream.run(!dream.running); return true;
      case '.': if (!dream.running && controls) dream.step(keys.now() ?? controls.idle); return true;
      default: return false;
    }
  });
  useLayoutEffect(() => {
    const up = (event) => keys.up(event);
    addEventListener('keyup', up);
    addEventListener('blur', keys.clear);
    return () => { removeEventListener('keyup', up); removeEventListener('blur', keys.clear); };
  }, []);

  if (dream.problem) return html`<div class="page"><header><h1>Dream</h1></header><div class="stack"><${Problem}>${dream.problem}<//><div><${Button} label="Try again" icon="reset" onClick=${() => again({ prompt: 0 })} /></div></div></div>`;
  if (!frame) return html`<div class="page"><header><h1>Dream</h1></header><${Loading}>Loading the model and its first frame …<//></div>`;
  const split = settings.split && frame.truth;
  const drop = (event) => { event.preventDefault(); setDropping(false); const [file] = event.dataTransfer.files; if (file) brought(file); };
  const drag = (event) => { event.preventDefault(); setDropping(event.type === 'dragover'); };
  return html`<div class=${`page dream ${split ? 'split' : ''}`} onClick=${release} data-frame=${frame.number} data-code=${frame.code} data-running=${dream.running}>
    <header><h1>Dream</h1><${Pill} kind=${dream.running ? 'live' : ''}>${dream.running ? 'Dreaming' : 'Standing still'}<//>${frame.world === 'over' && split && html`<${Pill} kind="warn">The world’s episode is over<//>`}</header>
    <div class="desk"><section class="dream-side" aria-label="The dream">
      <div class=${`dreamed ${dropping ? 'dropping' : ''}`} onDragOver=${drag} onDragLeave=${drag} onDrop=${drop}>
        <${Screen} pixels=${frame.picture} title="Dreamed" note=${`frame ${frame.number}`}>${!dream.running && frame.number === 0 && html`<p class="begin">${touched() ? 'Hold a button' : 'Press a key'} to begin</p>`}<//>
        ${split && html`<${Screen} pixels=${frame.truth} title="The world itself" note=${frame.world === 'over' ? 'episode over' : named(controls) ? 'same keys' : 'keys unknown'} />`}</div>
      <${Figures} dream=${dream} settings=${settings} />
      ${offer && html`<${Offer} offer=${offer} controls=${controls} take=${(how) => prompted(offer.base64(how))} drop=${() => setOffer(null)} />`}
      <${Pads} controls=${controls} keys=${keys} start=${() => { if (!dream.running) dream.run(true); }} />
      <div class="transport">
        <${Button} icon=${dream.running ? 'pause' : 'play'} kind="primary" only label=${dream.running ? 'Freeze' : 'Go on'} keys="F" onClick=${() => dream.run(!dream.running)} />
        <${Button} icon="step" only label="One frame" keys="." disabled=${dream.running} onClick=${() => dream.step(controls.idle)} />
        <${Button} icon="reset" kind="wide" label="Reset" keys="R" onClick=${() => again()} />
        <${Button} icon="next" kind="wide" label="Next prompt" keys="P" onClick=${next} />
        <${Button} icon="save" kind="save" label="GIF" keys="S" onClick=${() => save('gif')} />
        ${dream.mp4 && html`<${Button} icon="save" kind="save" label="MP4" onClick=${() => save('mp4')} />`}
      </div>
      <div class="choices"><${Prompt} models=${models} id=${id} controls=${controls} from=${from} again=${again} brought=${brought} seed=${seed} setSeed=${(s) => { setSeed(s); keys.clear(); dream.begin({ seed: s }); }} />
        <${Settings} settings=${settings} change=${change} truth=${frame.world !== 'none'} /></div>
    </section>
    <aside class="stack" aria-label="Keys"><${Codes} controls=${controls} keys=${keys} pressed=${dream.running ? frame.code : -1} start=${() => { if (!dream.running) dream.run(true); }} /></aside></div></div>`;
}

/** Whether it is known what any code does, so that the world itself can follow. */
const named = ({ actions, meanings }) => Object.keys(actions).length > 0 || meanings.some((m) => m.does);

/** Whether there is a touch screen, and with it the buttons for thumbs. */
const touched = () => matchMedia('(any-pointer: coarse)').matches;

/** One picture, its pixels as squares. */
function Screen({ pixels, title, note, children }) {
  const canvas = useRef();
  useLayoutEffect(() => { canvas.current.getContext('2d').putImageData(pixels, 0, 0); }, [pixels]);
  return html`<figure><canvas ref=${canvas} width=${pixels.width} height=${pixels.height} role="img" aria-label=${`${title}, ${note}`} />${children}
    <figcaption><span>${title}</span><span class="num">${note}</span></figcaption></figure>`;
}

function Figures({ dream, settings }) {
  const rows = [['fps', (dream.fps ?? 0).toFixed(1)], ['ms a frame', dream.frame.number ? dream.frame.millis.toFixed(dream.frame.millis < 10 ? 1 : 0) : '–'], ['MaskGIT steps', settings.steps], ['temperature', settings.tau.toFixed(2)], ['seed', dream.from?.seed ?? '–'], ['code', dream.frame.number ? dream.frame.code : '–']];
  return html`<dl class="figures num" aria-label="How it runs">${rows.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function Settings({ settings, change, truth }) {
  const slide = (name, title, low, high, by, shown) => html`<div class="field"><div class="row apart"><label class="label" for=${name}>${title}</label><b class="num mono small">${shown}</b></div>
    <input id=${name} type="range" min=${low} max=${high} step=${by} value=${settings[name]} onInput=${(event) => change({ [name]: Number(event.target.value) })} /></div>`;
  return html`<section class="panel stack" aria-label="Sampling"><h2 class="minor">Sampling</h2>
    ${slide('steps', 'MaskGIT steps', 1, 25, 1, settings.steps)}
    ${slide('tau', 'Temperature', 0.1, 4, 0.05, settings.tau.toFixed(2))}
    <p class="small muted">More steps are slower and cleaner; a higher temperature is livelier and wilder. Both hold from the next frame on.</p>
    ${truth && html`<label class="row small"><input type="checkbox" checked=${settings.split} onChange=${(event) => change({ split: event.target.checked })} /> Show the world itself beside the dream</label>`}
  </section>`;
}

function Seed({ seed, setSeed }) {
  const [text, setText] = useState(String(seed));
  useLayoutEffect(() => setText(String(seed)), [seed]);
  const valid = /^-?\d{1,15}$/.test(text.trim());
  return html`<form class="field" onSubmit=${(event) => { event.preventDefault(); if (valid) setSeed(Number(text)); }}><label class="label" for="dream-seed">Seed</label>
    <div class="row"><input id="dream-seed" class="input mono grow" inputmode="numeric" value=${text} aria-invalid=${!valid} onInput=${(event) => setText(event.target.value)} />
      <button class="button" type="submit" disabled=${!valid}>Set</button><${Button} icon="dice" only label="Another seed" onClick=${() => setSeed(seed + 1)} /></div></form>`;
}

function Prompt({ models, id, controls, from, again, brought, seed, setSeed }) {
  const file = useRef();
  const pick = (event) => { const [chosen] = event.target.files; event.target.blur(); if (chosen) brought(chosen); event.target.value = ''; };
  return html`<section class="panel stack" aria-label="Where the dream begins"><h2 class="minor">Where it begins</h2>
    ${models.length > 1 && html`<div class="field"><label class="label" for="dream-model">Model</label><select id="dream-model" class="select" value=${id} onChange=${(event) => { location.hash = `#/dream?${new URLSearchParams({ run: event.target.value })}`; }}>${models.map((m) => html`<option key=${m.id} value=${m.id}>${m.name}</option>`)}</select></div>`}
    <p class="small muted">${models.find((m) => m.id === id)?.detail}</p>
    <div class="field"><label class="label" for="dream-prompt">Prompt</label><select id="dream-prompt" class="select" value=${from.picture ? 'own' : String(from.prompt ?? 0)} onChange=${(event) => { event.target.blur(); if (event.target.value !== 'own') again({ prompt: Number(event.target.value) }); }}>
      ${controls.prompts.map((name, i) => html`<option key=${name} value=${String(i)}>${name}</option>`)}${from.picture && html`<option value="own">your picture</option>`}</select></div>
    <${Seed} seed=${seed} setSeed=${setSeed} />
    <p class="small muted">Or drop a PNG of ${controls.width} × ${controls.height} pixels on the dream. <button type="button" class="button small" onClick=${() => file.current.click()}>Choose a picture</button></p>
    <input ref=${file} type="file" accept="image/*" class="visually-hidden" tabindex="-1" aria-label="Picture to begin from" onChange=${pick} />
  </section>`;
}

/** What to do with a picture of another size. */
function Offer({ offer, controls, take, drop }) {
  return html`<div class="offer" role="alert"><p>This picture is ${offer.width} × ${offer.height} pixels; the model sees ${controls.width} × ${controls.height}.</p>
    <${Button} kind="primary" label="Crop and shrink" onClick=${() => take('crop')} /><${Button} label="Stretch" onClick=${() => take('stretch')} /><${Button} kind="quiet" label="Leave it" onClick=${drop} /></div>`;
}

/** A file as a picture that can be brought to the model's size: `{ width, height, fits, base64(how) }`. */
async function picture(file, { width, height }) {
  const bitmap = await createImageBitmap(file);
  const base64 = (how = 'stretch') => {
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    const scale = Math.max(width / bitmap.width, height / bitmap.height);
    const across = how === 'crop' ? bitmap.width * scale : width, down = how === 'crop' ? bitmap.height * scale : height;
    const pen = canvas.getContext('2d');
    pen.imageSmoothingQuality = 'high';
    pen.drawImage(bitmap, (width - across) / 2, (height - down) / 2, across, down);
    return canvas.toDataURL('image/png').split(',')[1];
  };
  return { width: bitmap.width, height: bitmap.height, fits: bitmap.width === width && bitmap.height === height, base64 };
}

/** Fetches a film and hands it to the browser to keep; says why where there is none. */
async function saved(address, kind) {
  try {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error((await answer.json()).error);
    const link = document.createElement('a');
    link.href = URL.createObjectURL(await answer.blob());
    link.download = `dream.${kind}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    return true;
  } catch (cause) {
    toast(cause.message, 'bad');
    return false;
  }
}
