// One episode as film: its cameras, and under them the tracks of everything that was recorded with them.
import { html, useLayoutEffect, useMemo, useRef, useState } from './dom.js';
import { Button, figure, Problem, useKeys } from './parts.js';
import { frameAddress } from './server.js';

const AHEAD = 24, SPEEDS = [0.5, 1, 2, 4];
const PAINTS = ['--c0', '--c1', '--c2', '--c3', '--c4', '--c5', '--c6', '--c7'];

/**
 * Keeps the pictures around the playhead loaded, so that playing never waits. A camera whose picture cannot be had
 * is given up with the server's reason: `{ picture(camera, i), lost[camera] }`.
 */
function usePictures(film, at) {
  const { cameras, length } = film;
  const kept = useRef(new Map());
  const [lost, setLost] = useState({});
  const [, redraw] = useState(0);
  useLayoutEffect(() => {
    const missing = async (camera, address) => {
      const reason = await fetch(address).then((answer) => answer.json()).then((body) => body.error).catch(() => '');
      setLost((old) => ({ ...old, [camera]: reason || 'The picture could not be loaded.' }));
    };
    for (let i = at; i < Math.min(length, at + AHEAD); i++) {
      for (const { name } of cameras) {
        const key = `${name}/${i}`;
        if (kept.current.has(key) || name in lost) continue;
        const picture = new Image();
        picture.onload = () => redraw((n) => n + 1);
        picture.onerror = () => missing(name, picture.src);
        picture.src = frameAddress(film, name, i);
        kept.current.set(key, picture);
      }
    }
    for (const key of kept.current.keys()) {
      if (kept.current.size < 400) break;
      if (Math.abs(Number(key.split('/').at(-1)) - at) > 2 * AHEAD) kept.current.delete(key);
    }
  }, [at, length, lost]);
  return { lost, picture: (camera, i) => kept.current.get(`${camera}/${i}`) };
}

/**
 * Numbers over time; pointing in it moves the playhead.
 * @param track `{ name, labels, values }`, a row of values for each label
 */
export function Track({ track, at, length, seek }) {
  const { low, high, lines } = useMemo(() => {
    let low = Infinity, high = -Infinity;
    for (const row of track.values) for (const v of row) if (Number.isFinite(v)) { low = Math.min(low, v); high = Math.max(high, v); }
    if (low > high) { low = 0; high = 1; } else if (low === high) { low -= 0.5; high += 0.5; }
    const span = Math.max(1, length - 1);
    const y = (v) => 44 - 40 * (v - low) / (high - low);
    return { low, high, lines: track.values.map((row) => row.map((v, i) => (Number.isFinite(v) ? `${i && Number.isFinite(row[i - 1]) ? 'L' : 'M'}${(1000 * i / span).toFixed(1)} ${y(v).toFixed(1)}` : '')).join('')) };
  }, [track, length]);
  const drag = (event) => {
    if (event.type === 'pointermove' && !event.buttons) return;
    const box = event.currentTarget.getBoundingClientRect();
    seek(Math.round((length - 1) * Math.min(1, Math.max(0, (event.clientX - box.left) / box.width))));
  };
  return html`<div class="track" data-track=${track.name}><div class="row apart"><strong class="small clip">${track.name}</strong>
      <ul class="readings">${track.labels.slice(0, 8).map((name, i) => html`<li key=${name} style=${{ color: `var(${PAINTS[i % 8]})` }}><span>${name}</span> <b class="num mono">${figure(track.values[i][at])}</b></li>`)}${track.labels.length > 8 && html`<li class="faint">and ${track.labels.length - 8} more</li>`}</ul></div>
    <svg viewBox="0 0 1000 48" preserveAspectRatio="none" onPointerDown=${drag} onPointerMove=${drag} role="img" aria-label=${`${track.name} over time, between ${figure(low)} and ${figure(high)}`}>
      ${lines.map((d, i) => html`<path d=${d} style=${{ stroke: `var(${PAINTS[i % 8]})` }} />`)}
      <line x1=${1000 * at / Math.max(1, length - 1)} x2=${1000 * at / Math.max(1, length - 1)} y1="0" y2="48" /></svg></div>`;
}

/**
 * @param film the server's answer: cameras, tracks, length, fps, instruction, success
 * @param turn called with -1 or 1 to go to another episode
 */
export function Film({ film, turn }) {
  const { episode, cameras, length, fps } = film;
  const [at, setAt] = useState(0);
  const [playing, setPlaying] = useState(true);
  const [speed, setSpeed] = useState(1);
  const { picture, lost } = usePictures(film, at);
  const seek = (to) => setAt(Math.min(length - 1, Math.max(0, to)));
  const move = (by) => { setPlaying(false); setAt((now) => Math.min(length - 1, Math.max(0, now + by))); };

  const ready = cameras.every((c) => c.name in lost || (picture(c.name, at)?.complete ?? false));
  useLayoutEffect(() => {
    if (!playing || !ready) return undefined;
    if (at >= length - 1) { setPlaying(false); return undefined; }
    const timer = setTimeout(() => setAt((now) => (now === at ? at + 1 : now)), 1000 / (fps * speed));
    return () => clearTimeout(timer);
  }, [playing, at, ready, speed, length]);
  const toggle = () => { setAt((now) => (now >= length - 1 ? 0 : now)); setPlaying((now) => !now); };
  useKeys((event) => {
    const step = event.shiftKey ? 10 : 1;
    switch (event.key) {
      case ' ': toggle(); return true;
      case 'ArrowLeft': move(-step); return true;
      case 'ArrowRight': move(step); return true;
      case 'Home': setPlaying(false); seek(0); return true;
      case 'End': setPlaying(false); seek(length - 1); return true;
      case '[': turn(-1); return true;
      case ']': turn(1); return true;
      default: return false;
    }
  });
  const biggest = Math.max(...cameras.map((c) => c.height), 1);
  return html`<section class="film" aria-label=${`Episode ${episode}`} data-frame=${at} data-playing=${playing}>
    <div class="screen">${cameras.map((camera) => { const shown = picture(camera.name, at); const why = lost[camera.name];
      return html`<figure key=${camera.name} style=${{ flex: `${camera.width / camera.height * (camera.height === biggest ? 1 : 0.5)} 1 0` }}>
        ${why ? html`<div class="lost" role="alert"><p><strong>No picture from this camera.</strong> ${why}</p></div>` : html`<img src=${shown?.complete ? shown.src : frameAddress(film, camera.name, at)} alt=${`${camera.name}, frame ${at}`} class=${camera.width <= 128 ? 'pixels' : ''} style=${{ aspectRatio: `${camera.width} / ${camera.height}` }} />`}
        <figcaption>${camera.name.replace(/^observation\.images\./, '')} <span class="faint num">${camera.width} × ${camera.height}</span></figcaption></figure>`; })}</div>
    ${!cameras.length && html`<${Problem} kind="warn">This data set has no camera; its numbers are below.<//>`}
    <p class="subtitle">${film.instruction || html`<span class="faint">no instruction</span>`}</p>
    <div class="transport">
      <${Button} icon=${playing ? 'pause' : 'play'} kind="primary" only label=${playing ? 'Pause' : 'Play'} keys="Space" onClick=${toggle} />
      <${Button} icon="back" only label="Frame back" keys="←" onClick=${() => move(-1)} />
      <${Button} icon="step" only label="Frame on" keys="→" onClick=${() => move(1)} />
      <input type="range" class="scrub" aria-label="Position in the episode" min="0" max=${length - 1} value=${at} aria-valuetext=${`frame ${at + 1} of ${length}`} onInput=${(event) => { setPlaying(false); seek(Number(event.target.value)); }} />
      <span class="mono num small muted nowrap"><span class="seconds">${(at / fps).toFixed(1)} s · </span>${at + 1} / ${length}</span>
      <select class="select speed" aria-label="Speed" value=${speed} onChange=${(event) => setSpeed(Number(event.target.value))}>${SPEEDS.map((s) => html`<option value=${s}>${s}×</option>`)}</select>
    </div>
    <div class="tracks">${film.tracks.map((track) => html`<${Track} key=${track.name} track=${track} at=${at} length=${length} seek=${(to) => { setPlaying(false); seek(to); }} />`)}</div>
  </section>`;
}
