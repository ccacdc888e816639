// Who made a change, and to which record, in words.
import type { CollectionMeta, Row } from '@syncline/client';
import { useDb, useRow } from '@syncline/react';
import { useTranslation } from 'react-i18next';
import { labelOf } from '../fields/format.ts';
import { titleOf } from '../fields/reference.ts';
import { useSession } from '../session/session_gate.tsx';

export function useWho(by: string | undefined): string {
  const { t } = useTranslation();
  const db = useDb();
  const me = useSession().session.user.id;
  const { data: user } = useRow(by === undefined || by === me ? null : db.users.get(by));
  if (by === me) return t('conflict.you');
  return user?.name ?? t('conflict.somebody');
}

/** "the lead" where the record is gone, and with it its name. */
export function useRecordName(): (collection: CollectionMeta, row: Row | null | undefined) => string {
  const { t } = useTranslation();
  return (collection, row) => row ? titleOf(collection, row) : t('conflict.nameless', { what: labelOf(collection.singular).toLowerCase() });
}
