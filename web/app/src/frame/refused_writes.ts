// Which field of which record a change of this tab wrote, until the server has judged it: a refusal is told once per field,
// in the place of the one before, and goes when the field is written anew.
import type { MutationId } from '@syncline/client';
import { notifications, notificationsStore } from '@mantine/notifications';

export interface WrittenField {
  readonly collection: string;
  readonly record: string;
  readonly field: string;
}

const written = new Map<string, WrittenField>();
const textOf = (id: MutationId): string => `${id.client}:${id.sequence}`;
const toastOf = ({ collection, record, field }: WrittenField): string => `refused:${collection}:${record}:${field}`;

export function noteWrite(id: MutationId, what: WrittenField): void {
  notifications.hide(toastOf(what));
  written.set(textOf(id), what);
}

/** What this change wrote, and no longer remembered. */
export function takeWrite(id: MutationId): WrittenField | null {
  const what = written.get(textOf(id)) ?? null;
  written.delete(textOf(id));
  return what;
}

export function tellRefusal(title: string, message: string, what: WrittenField | null): void {
  const toast = {
    ...(what ? { id: toastOf(what) } : {}),
    color: 'red', title, message, autoClose: 10_000, style: { whiteSpace: 'pre-line' }, 'data-testid': 'toast',
  } as Parameters<typeof notifications.show>[0];
  const { notifications: shown, queue } = notificationsStore.getState();
  if (what && [...shown, ...queue].some((each) => each.id === toastOf(what))) notifications.update(toast);
  else notifications.show(toast);
}
