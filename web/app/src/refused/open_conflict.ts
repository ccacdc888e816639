// Which conflict is open for decision: at most one, over whatever page.
import { useSyncExternalStore } from 'react';
import type { ConflictCase } from './changes.ts';

const listeners = new Set<() => void>();
let open: ConflictCase | null = null;

export function openConflict(conflict: ConflictCase | null): void {
  open = conflict;
  listeners.forEach((listener) => listener());
}

export function useOpenConflict(): ConflictCase | null {
  return useSyncExternalStore((changed) => {
    listeners.add(changed);
    return () => listeners.delete(changed);
  }, () => open);
}
