// Runs before the first paint, so that a chosen theme never flashes through the other one.
(() => {
  let chosen = 'auto';
  try {
    chosen = localStorage.getItem('orrery.theme') || 'auto';
  } catch { /* storage may be closed to us; the system's preference is used */ }
  const dark = chosen === 'dark'
    || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
