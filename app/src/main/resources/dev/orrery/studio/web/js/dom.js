// Preact with tagged templates: the vocabulary in which every view is written.
import { h } from 'preact';
import htm from 'htm';

export { render, Fragment } from 'preact';
export { useState, useEffect, useLayoutEffect, useMemo, useRef, useCallback, useErrorBoundary } from 'preact/hooks';
export const html = htm.bind(h);
