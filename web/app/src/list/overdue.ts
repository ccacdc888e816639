import type { Row } from '@syncline/client';

/** A task whose time has passed while there is still something to do. */
export function isOverdue(status: Row[string], dueAt: Row[string], now: number = Date.now()): boolean {
  return typeof dueAt === 'number' && dueAt < now && (status === 'open' || status === 'in_progress');
}
