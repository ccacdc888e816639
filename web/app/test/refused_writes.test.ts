// Rule: a field that is refused again does not fill the screen with toasts, and one that is written anew has none.
import { notifications, notificationsStore } from '@mantine/notifications';
import { beforeEach, expect, it } from 'vitest';
import { noteWrite, takeWrite, tellRefusal } from '../src/frame/refused_writes.ts';

const value = { collection: 'deals', record: 'a', field: 'value' };
const shown = () => notificationsStore.getState().notifications.map((each) => each.message);
beforeEach(() => notifications.clean());

it('replaces what was said of the same field, and of no other', () => {
  tellRefusal('Not saved', 'Value: first', value);
  tellRefusal('Not saved', 'Name: other', { ...value, field: 'name' });
  tellRefusal('Not saved', 'Value: second', value);
  tellRefusal('Not saved', 'of no field', null);
  expect(shown()).toEqual(['Value: second', 'Name: other', 'of no field']);
  noteWrite({ client: 'c', sequence: 1 }, value);
  expect(shown()).toEqual(['Name: other', 'of no field']);
});

it('tells once what a change wrote', () => {
  noteWrite({ client: 'c', sequence: 2 }, value);
  expect(takeWrite({ client: 'c', sequence: 2 })).toEqual(value);
  expect(takeWrite({ client: 'c', sequence: 2 })).toBeNull();
});
