// On the page of a record: a change of it that met somebody else's waits here for its author's decision. The dialog opens by
// itself, unless that would take the keyboard from somebody who types.
import { useRefused } from '@syncline/react';
import { Alert, Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldLabel } from '../fields/format.ts';
import { caseOf, decidable, fieldsOf, together } from './changes.ts';
import { isListed, openConflict } from './open_conflict.ts';

const somebodyTypes = (): boolean => document.activeElement?.matches('input, textarea, [contenteditable]') ?? false;

export function RecordConflict({ record }: { readonly record: string }) {
  const { t } = useTranslation();
  const refused = useRefused();
  const conflict = useMemo(() => refused.map(caseOf).find((each) => each && decidable(each)?.record === record) ?? null, [refused, record]);
  const key = conflict && `${conflict.id.client}:${conflict.id.sequence}`;
  useEffect(() => {
    if (conflict && !somebodyTypes() && !isListed()) openConflict(conflict);
    // Once for each: what is put off is not opened again by what happens to others.
  }, [key]);
  if (!conflict) return null;
  const whole = decidable(together(refused, conflict).conflict)!;
  const { deleted } = whole;
  const fields = fieldsOf(whole).map(({ field }) => fieldLabel(field)).join(', ');
  return (
    <Alert color="yellow" radius={0} py="xs" icon={<IconAlertTriangle size={16} />} role="status" data-testid="record-conflict">
      <Group justify="space-between" gap="xs">
        <Text size="sm">{t(deleted ? 'conflict.waitsGone' : 'conflict.waits', { fields })}</Text>
        <Button size="compact-sm" variant="default" onClick={() => openConflict(conflict)} data-testid="record-conflict-compare">{t('conflict.compare')}</Button>
      </Group>
    </Alert>
  );
}
