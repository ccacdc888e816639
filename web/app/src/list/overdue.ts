import type { JsValue, Row } from '@syncline/client';

/** A task whose time has passed while there is still something to do. */
export function isOverdue(status: JsValue | Row | undefined, dueAt: JsValue | Row | undefined, now: number = Date.now()): boolean {
  return typeof dueAt === 'number' && dueAt < now && (status === 'open' || status === 'in_progress');
}
