// Ctrl+Z takes the last own change back, Ctrl+Shift+Z (or Ctrl+Y) does it again; within a text box these keys are the text's.
import type { MutationHandle } from '@syncline/client';
import { useHistory } from '@syncline/react';
import { useHotkeys } from '@mantine/hooks';
import { type NotificationData, notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { refusalText } from '../fields/refusal.ts';
import { UndoneChange } from './undone_change.tsx';

/** One toast: the next key says what it did in the place of the one before. */
const TOAST = 'undo';

/** No part of the frame, which need not be rendered with what can be taken back. */
export function UndoKeys(): null {
  const { t } = useTranslation();
  const { undo, redo } = useHistory();
  const show = (toast: Partial<NotificationData>): void => {
    notifications.hide(TOAST);
    notifications.show({ id: TOAST, autoClose: 6_000, 'data-testid': 'undo-toast', ...toast } as NotificationData);
  };
  const run = (make: () => MutationHandle, done: string): void => {
    make().local.then(
      ({ change }) => show({ color: 'gray', title: done, message: change && <UndoneChange change={change} /> }),
      (error: unknown) => show({ color: 'yellow', message: refusalText(t, error) }),
    );
  };
  const again = (): void => run(redo, t('undo.redone'));
  useHotkeys([['mod+Z', () => run(undo, t('undo.undone'))], ['mod+shift+Z', again], ['mod+Y', again]]);
  return null;
}
