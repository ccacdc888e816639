// `g l` goes to leads, and so on. Keys typed into a field are nobody's shortcuts.
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { DESTINATIONS } from './navigation.ts';

const SECOND_KEY_WITHIN_MS = 1_000;

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}

export function useGoKeys(): void {
  const navigate = useNavigate();
  useEffect(() => {
    let pressedAt = 0;
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.metaKey || event.ctrlKey || event.altKey) return;
      if (event.key === 'g') {
        pressedAt = event.timeStamp;
      } else if (pressedAt !== 0 && event.timeStamp - pressedAt < SECOND_KEY_WITHIN_MS) {
        pressedAt = 0;
        const found = DESTINATIONS.find(({ shortcut }) => shortcut === event.key);
        if (found) void navigate({ to: found.to });
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate]);
}
