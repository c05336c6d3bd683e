import { html } from './dom.js';

const PATHS = {
  tabletop: '<path d="M3 18h18M6 18V9.5h5V18M13.5 18v-4.5h5V18"/><path d="M8.5 9.5V4M6.5 6h4"/>',
  runs: '<path d="M4 4v16h16"/><path d="M7.5 8c1.5 6.5 4 8 12 8.5"/>',
  episodes: '<rect x="3" y="5" width="18" height="14" rx="2.5"/><path d="M7.5 5v14M16.5 5v14M3 9.7h4.5M3 14.3h4.5M16.5 9.7H21M16.5 14.3H21"/>',
  data: '<ellipse cx="12" cy="6" rx="8" ry="3"/><path d="M4 6v6c0 1.7 3.6 3 8 3s8-1.3 8-3V6M4 12v6c0 1.7 3.6 3 8 3s8-1.3 8-3v-6"/>',
  dream: '<path d="M19.5 13.5A7.5 7.5 0 0 1 10.5 4.5a7.5 7.5 0 1 0 9 9z"/><path d="M15 4.5h4l-4 5h4"/>',
  next: '<path d="M4 12h11.5M10.5 7l5 5-5 5M19.5 5.5v13"/>',
  save: '<path d="M12 4v10.5M7.5 10.5 12 15l4.5-4.5M5 19.5h14"/>',
  play: '<path d="M7.5 5.2v13.6L19 12z" fill="currentColor"/>',
  pause: '<path d="M8 5.5v13M16 5.5v13" stroke-width="3"/>',
  step: '<path d="M6 5.5v13L15 12z" fill="currentColor"/><path d="M18.5 5.5v13"/>',
  back: '<path d="M18 5.5v13L9 12z" fill="currentColor"/><path d="M5.5 5.5v13"/>',
  reset: '<path d="M4.5 12a7.5 7.5 0 1 0 2.3-5.4"/><path d="M7.5 3v4h-4" transform="translate(-.5 .3)"/>',
  dice: '<rect x="4" y="4" width="16" height="16" rx="4"/><circle cx="8.8" cy="8.8" r="1.2" fill="currentColor"/><circle cx="15.2" cy="15.2" r="1.2" fill="currentColor"/><circle cx="15.2" cy="8.8" r="1.2" fill="currentColor"/><circle cx="8.8" cy="15.2" r="1.2" fill="currentColor"/>',
  record: '<circle cx="12" cy="12" r="5.5" fill="currentColor"/>',
  stop: '<rect x="7" y="7" width="10" height="10" rx="1.5" fill="currentColor"/>',
  send: '<path d="M4 12h15M13 6l6 6-6 6"/>',
  sun: '<circle cx="12" cy="12" r="4"/><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M18.4 5.6 17 7M7 17l-1.4 1.4"/>',
  moon: '<path d="M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z"/>',
  auto: '<circle cx="12" cy="12" r="8"/><path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor"/>',
  keys: '<rect x="3" y="6.5" width="18" height="11" rx="2.5"/><path d="M7 10.2h.01M10.3 10.2h.01M13.7 10.2h.01M17 10.2h.01M8 14h8"/>',
  close: '<path d="M6.5 6.5l11 11M17.5 6.5l-11 11"/>',
  alert: '<path d="M12 4 2.8 20h18.4z"/><path d="M12 10v4.5M12 17.4v.1"/>',
  check: '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
  hand: '<path d="M8 13V6.5a1.5 1.5 0 0 1 3 0V11M11 10.5v-6a1.5 1.5 0 0 1 3 0V11M14 11V6a1.5 1.5 0 0 1 3 0v8.5c0 3.5-2.2 6-5.5 6-2.5 0-3.900-1-5.3-3.3L4 13.3c-.5-1-.1-1.900.7-2.3.8-.3 1.5 0 2 .7L8 13"/>',
  film: '<circle cx="12" cy="12" r="8.5"/><path d="M10 8.5v7l6-3.5z" fill="currentColor"/>',
  folder: '<path d="M3.5 7a2 2 0 0 1 2-2h4l2 2.5h7a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2z"/>',
  trash: '<path d="M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7"/>',
};

/** A line icon of the house set, 24 units square, drawn in the current colour. */
export function Icon({ name, size = 18 }) {
  return html`<svg width=${size} height=${size} viewBox="0 0 24 24" fill="none" stroke="currentColor"
    stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"
    dangerouslySetInnerHTML=${{ __html: PATHS[name] }} />`;
}

/** The wordmark's picture: a sun, two orbits, two planets. */
export function Orrery({ size = 30 }) {
  return html`<svg width=${size} height=${size} viewBox="0 0 32 32" fill="none" aria-hidden="true">
    <g stroke="var(--accent)" stroke-width="1.4"><circle cx="16" cy="16" r="7.5"/><circle cx="16" cy="16" r="13.5" opacity=".55"/></g>
    <circle cx="16" cy="16" r="3.5" fill="var(--accent)"/>
    <g class="orbit"><circle cx="21.3" cy="10.7" r="2.2" fill="var(--block-red)"/></g>
    <g class="orbit outer"><circle cx="4.3" cy="22.7" r="2.8" fill="var(--block-blue)"/></g>
  </svg>`;
}
