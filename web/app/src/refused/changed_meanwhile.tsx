// Under a box in which somebody types: another one has changed the field, to what, when, and what it was. Said while the edit is
// still open, so that nobody writes for nothing.
import type { FieldMeta } from '@syncline/client';
import type { DraftConflict } from '@syncline/react';
import { Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { formatRelative } from '../fields/format.ts';
import { useValueText } from './value_text.tsx';

interface ChangedMeanwhileProps {
  readonly field: FieldMeta;
  readonly conflict: DraftConflict;
  readonly onKeepMine: () => void;
  readonly onTakeTheirs: () => void;
  readonly onCompare: () => void;
}

export function ChangedMeanwhile({ field, conflict, onKeepMine, onTakeTheirs, onCompare }: ChangedMeanwhileProps) {
  const { t } = useTranslation();
  const theirs = useValueText(field, conflict.theirs);
  const base = useValueText(field, conflict.base);
  const when = formatRelative(conflict.at);
  return (
    <Stack gap={6} mt={6} mb={4} role="status" data-testid="overtaken">
      <Group gap={6} wrap="nowrap" align="flex-start">
        <IconAlertTriangle size={16} color="var(--mantine-color-orange-6)" style={{ flexShrink: 0, marginTop: 1 }} />
        <Text size="xs" lineClamp={4}>{t('conflict.editedMeanwhile', { when, base, theirs })}</Text>
      </Group>
      <Group gap={6}>
        <Button size="compact-xs" variant="default" onClick={onKeepMine} data-testid="overtaken-mine">{t('conflict.keepMine')}</Button>
        <Button size="compact-xs" variant="default" onClick={onTakeTheirs} data-testid="overtaken-theirs">{t('conflict.takeTheirs')}</Button>
        <Button size="compact-xs" variant="subtle" color="gray" onClick={onCompare} data-testid="overtaken-compare">{t('conflict.compare')}</Button>
      </Group>
    </Stack>
  );
}
