// The theme: what was chosen, or else what the system prefers.
const KEY = 'orrery.theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set();

export const CHOICES = ['auto', 'light', 'dark'];

export function choice() {
  try {
    const kept = localStorage.getItem(KEY);
    return CHOICES.includes(kept) ? kept : 'auto';
  } catch {
    return 'auto';
  }
}

export function choose(next) {
  try {
    localStorage.setItem(KEY, next);
  } catch { /* private windows may refuse; the choice then lasts until reload */ }
  apply(next);
}

export function isDark() {
  return document.documentElement.dataset.theme === 'dark';
}

export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function apply(chosen) {
  const dark = chosen === 'dark' || (chosen === 'auto' && system.matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  listeners.forEach((listener) => listener(dark));
}

system.addEventListener('change', () => apply(choice()));
apply(choice());
