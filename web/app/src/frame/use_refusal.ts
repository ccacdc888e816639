// Refusals in words: a mutation that the rules refuse at once, before anything is queued, becomes a toast. What the server
// refuses later is told by settled_toasts.tsx.
import { type MutationHandle, MutationRefused } from '@syncline/client';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { refusalText } from '../fields/refusal.ts';
import { tellRefusal } from './refused_writes.ts';

export function useRefusal(): { readonly watch: (run: () => MutationHandle) => MutationHandle | null } {
  const { t } = useTranslation();
  return useMemo(() => {
    const tell = (error: unknown) => tellRefusal(t('toast.notSaved'), refusalText(t, error), null);
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
