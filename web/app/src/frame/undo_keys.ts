// Ctrl+Z takes the last own change back, Ctrl+Shift+Z (or Ctrl+Y) does it again; within a text box these keys are the text's.
import type { MutationHandle } from '@syncline/client';
import { useHistory } from '@syncline/react';
import { useHotkeys } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { refusalText } from '../fields/refusal.ts';

/** One toast: the next key says what it did in the place of the one before. */
const TOAST = 'undo';

/** No part of the frame, which need not be rendered with what can be taken back. */
export function UndoKeys(): null {
  const { t } = useTranslation();
  const { undo, redo } = useHistory();
  const say = (message: string, color: string): void => {
    notifications.hide(TOAST);
    notifications.show({ id: TOAST, message, color, autoClose: 4_000, 'data-testid': 'undo-toast' } as Parameters<typeof notifications.show>[0]);
  };
  const run = (change: () => MutationHandle, done: string): void => {
    change().local.then(() => say(done, 'gray'), (error: unknown) => say(refusalText(t, error), 'yellow'));
  };
  const again = (): void => run(redo, t('undo.redone'));
  useHotkeys([['mod+Z', () => run(undo, t('undo.undone'))], ['mod+shift+Z', again], ['mod+Y', again]]);
  return null;
}
