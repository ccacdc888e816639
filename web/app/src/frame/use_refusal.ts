// Refusals in words: a mutation that the rules refuse at once, before anything is queued, becomes a toast. What the server
// refuses later is told by settled_toasts.tsx.
import { type MutationHandle, MutationRefused } from '@syncline/client';
import { notifications } from '@mantine/notifications';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

export function useRefusal(): { readonly watch: (run: () => MutationHandle) => MutationHandle | null } {
  const { t } = useTranslation();
  return useMemo(() => {
    const tell = (error: unknown) => notifications.show({
      color: 'red',
      title: t('toast.notSaved'),
      message: error instanceof Error ? error.message : String(error),
      'data-testid': 'toast',
    } as Parameters<typeof notifications.show>[0]);
    return {
      watch: (run) => {
        try {
          const handle = run();
          handle.local.catch((error: unknown) => {
            if (error instanceof MutationRefused) tell(error);
          });
          return handle;
        } catch (error) {
          tell(error);
          return null;
        }
      },
    };
  }, [t]);
}
