// The palette is on its way for a moment, longer on a slow machine: whoever types at once means it, not the page behind it.
import { useEffect, useRef } from 'react';
import { isTyping } from './use_go_keys.ts';
import { paletteStore } from './palette_store.ts';

const isInPalette = (target: EventTarget | null) => target instanceof Element && target.closest('[data-palette]') !== null;

/** `onKey`: a letter, Backspace or Enter, pressed after the palette was opened and before its field had the focus. */
export function useTypedAhead(onKey: (key: string) => void): void {
  const latest = useRef(onKey);
  useEffect(() => {
    latest.current = onKey;
  });
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (!paletteStore.getState().opened || isTyping(event.target) || isInPalette(event.target)) return;
      if (event.isComposing || event.metaKey || event.ctrlKey || event.altKey) return;
      // Letters are one code point; other keys have names.
      if (event.key !== 'Enter' && event.key !== 'Backspace' && [...event.key].length !== 1) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      latest.current(event.key);
    };
    // Before what the page itself listens to.
    window.addEventListener('keydown', hear, { capture: true });
    return () => window.removeEventListener('keydown', hear, { capture: true });
  }, []);
}
