// Who made a change, in words.
import { useDb, useRow } from '@syncline/react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../session/session_gate.tsx';

export function useWho(by: string | undefined): string {
  const { t } = useTranslation();
  const db = useDb();
  const me = useSession().session.user.id;
  const { data: user } = useRow(by === undefined || by === me ? null : db.users.get(by));
  if (by === me) return t('conflict.you');
  return user?.name ?? t('conflict.somebody');
}
