// `g l` goes to leads, and so on. Keys typed into a field are nobody's shortcuts.
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useDestinations } from './navigation.ts';

const SECOND_KEY_WITHIN_MS = 1_000;

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}

/** The page's own keys rest: somebody types, or is in a dialog or menu above the page, or means a shortcut of the browser. */
export function isElsewhere(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return true;
  return event.target instanceof Element && event.target.closest('[role=dialog], [role=menu], [role=listbox]') !== null;
}

export function useGoKeys(): void {
  const navigate = useNavigate();
  const destinations = useDestinations();
  useEffect(() => {
    let pressedAt = 0;
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.metaKey || event.ctrlKey || event.altKey) return;
      if (event.key === 'g') {
        pressedAt = event.timeStamp;
      } else if (pressedAt !== 0 && event.timeStamp - pressedAt < SECOND_KEY_WITHIN_MS) {
        pressedAt = 0;
        const found = destinations.find(({ shortcut }) => shortcut === event.key);
        if (!found) return;
        // `g k` goes to the calls and is not also "previous row".
        event.preventDefault();
        event.stopImmediatePropagation();
        void navigate({ to: found.to });
      }
    };
    // Before what the page itself listens to.
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, [navigate, destinations]);
}
