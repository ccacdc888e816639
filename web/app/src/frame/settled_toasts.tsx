// The server's word, where it differs from what the screen showed: a rejection is rolled back by the engine, and said here.
import { useSettled } from '@syncline/react';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { fieldLabel, formatValue } from '../fields/format.ts';
import { collectionNamed } from '../fields/reference.ts';

export function SettledToasts() {
  const { t } = useTranslation();
  useSettled((settled) => {
    if (settled.outcome === 'applied' || settled.outcome === 'merged') return;
    const conflict = settled.conflicts[0]?.fields[0];
    const field = conflict && settled.conflicts[0]
      ? collectionNamed(settled.conflicts[0].collection).fields.find((each) => each.name === conflict.field)
      : undefined;
    const message = conflict && field
      ? t('toast.conflict', { field: fieldLabel(field), mine: formatValue(field, conflict.mine), theirs: formatValue(field, conflict.theirs) })
      : (settled.error?.message ?? t('toast.rejected'));
    notifications.show({
      color: settled.outcome === 'conflict' ? 'yellow' : 'red',
      title: t(settled.outcome === 'conflict' ? 'toast.changedByOther' : 'toast.notSaved'),
      message,
      autoClose: 10_000,
      'data-testid': 'toast',
    } as Parameters<typeof notifications.show>[0]);
  });
  return null;
}
