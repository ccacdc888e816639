// j, k and Enter: they work wherever the focus is on the page, as the cheat sheet says, but not for who types, and not in
// place of what the focused thing itself does with the key.
import type { Row } from '@syncline/client';
import { useEffect, useRef, useState } from 'react';
import { isElsewhere } from '../frame/use_go_keys.ts';

const MOVES: Readonly<Record<string, number>> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

const hasOwnKeys = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('button, a, [role=button], [tabindex]:not([role=grid])') !== null;

/** The index of the row that the keys are on; -1 before the first. */
export function useRowKeys(rows: readonly Row[], scrollTo: (index: number) => void, onOpen: (row: Row) => void): number {
  const [active, setActive] = useState(-1);
  const onKey = useRef<(event: KeyboardEvent) => void>(() => undefined);
  onKey.current = (event) => {
    if (isElsewhere(event)) return;
    const move = MOVES[event.key];
    if (move !== undefined && rows.length > 0 && (event.key.length === 1 || !hasOwnKeys(event.target))) {
      event.preventDefault();
      const next = Math.min(rows.length - 1, Math.max(0, active + move));
      setActive(next);
      scrollTo(next);
    } else if (event.key === 'Enter' && rows[active] && !hasOwnKeys(event.target)) {
      event.preventDefault();
      onOpen(rows[active]);
    }
  };
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey.current(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
  return active;
}
