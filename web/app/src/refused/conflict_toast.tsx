// A conflict on a record whose page is not open: which field, who changed it, when, and the way to decide it.
import { useDb, useRow } from '@syncline/react';
import { Anchor, Button, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { fieldLabel, formatRelative } from '../fields/format.ts';
import { collectionNamed, pathOf } from '../fields/reference.ts';
import { type ConflictCase, fieldsOf } from './changes.ts';
import { openConflict } from './open_conflict.ts';
import { useRecordName, useWho } from './who.ts';

export function ConflictToast({ conflict, onDone }: { readonly conflict: ConflictCase; readonly onDone: () => void }) {
  const { t } = useTranslation();
  const db = useDb();
  const first = conflict.conflicts[0]!;
  const collection = collectionNamed(first.collection);
  const { data: row } = useRow(db.table(collection.key).get(first.record));
  const who = useWho(first.fields[0]?.by);
  const name = useRecordName()(collection, row);
  const path = pathOf(collection.name, first.record);
  const fields = fieldsOf(first).map(({ field }) => fieldLabel(field)).join(', ');
  return (
    <Stack gap={6} align="flex-start">
      {first.deleted
        ? <Text size="sm">{t('conflict.deleted', { who, name })}</Text>
        : (
          <Text size="sm">
            {path ? <Anchor component={Link} to={path} inherit>{name}</Anchor> : name}:{' '}
            {t('conflict.changed', { who, field: fields, when: formatRelative(first.fields[0]?.at ?? Date.now()) })}
          </Text>
        )}
      <Button
        size="compact-xs" variant="default" data-testid="conflict-compare"
        onClick={() => {
          openConflict(conflict);
          onDone();
        }}
      >
        {t('conflict.compare')}
      </Button>
    </Stack>
  );
}
