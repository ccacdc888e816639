// What stands where rows are not there yet: a skeleton while they come; offline, that nothing comes, or that there may be more.
import { useConnection } from '@syncline/react';
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLater } from './use_later.ts';

const SURE_AFTER_MS = 1_000;

/** No connection, and not only because one is just being made. */
export function useOffline(): boolean {
  const { state, attempt } = useConnection();
  return useLater(state === 'disconnected' || (state === 'connecting' && attempt > 1), SURE_AFTER_MS);
}

export function Waiting({ skeleton }: { readonly skeleton: ReactNode }) {
  const { t } = useTranslation();
  const offline = useOffline();
  if (offline) return <Text size="sm" c="dimmed" role="status" data-testid="not-loaded">{t('frame.notLoaded')}</Text>;
  return skeleton;
}

/** Above rows that other pages brought here: nobody has said that they are all. */
export function OnlySome({ padding }: { readonly padding?: 'xs' }) {
  const { t } = useTranslation();
  if (!useOffline()) return null;
  return <Text size="sm" c="dimmed" p={padding ?? 0} role="status" data-testid="only-some">{t('frame.onlySome')}</Text>;
}
