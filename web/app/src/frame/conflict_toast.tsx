// A conflict in words: which field, who changed it, when, both values, and the choice. It stays until the choice is made;
// what is on the screen meanwhile is theirs.
import type { CollectionMeta, Conflict, FieldConflict, FieldMeta } from '@syncline/client';
import { useDb, useRow } from '@syncline/react';
import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldLabel, formatRelative, formatValue, labelOf } from '../fields/format.ts';
import { collectionNamed, pathOf, titleOf } from '../fields/reference.ts';
import { useSession } from '../session/session_gate.tsx';
import { useRefusal } from './use_refusal.ts';

interface ConflictToastProps {
  readonly conflict: Conflict;
  /** The version at which the server judged: the base of a second try, for its author has seen what stands there. */
  readonly version: number;
  /** Mine were plain values of fields, so that they can simply be written again. */
  readonly repeatable: boolean;
  readonly onDone: () => void;
}

export function ConflictToast({ conflict, version, repeatable, onDone }: ConflictToastProps) {
  const { t } = useTranslation();
  const db = useDb();
  const refusal = useRefusal();
  const collection = collectionNamed(conflict.collection);
  const first = conflict.fields[0];
  const who = useWho(first?.by);
  const { data: row, status } = useRow(db.table(collection.key).get(conflict.record));
  const told = conflict.deleted || !first;
  // Deleted since: there is nothing left to choose.
  const gone = !told && !row && status === 'complete';
  useEffect(() => {
    if (gone) onDone();
  }, [gone, onDone]);
  const name = row ? titleOf(collection, row) : labelOf(collection.singular);
  const fields = conflict.fields.flatMap((each) => {
    const field = collection.fields.find(({ name: known }) => known === each.field);
    return field ? [{ each, field }] : [];
  });

  const keepMine = () => {
    const mine = Object.fromEntries(fields.map(({ each }) => [each.field, each.mine]));
    refusal.watch(() => db.table(collection.key).update(conflict.record, mine, { base: version }));
    onDone();
  };

  if (told) {
    return (
      <Stack gap={6} align="flex-start">
        <Text size="sm">{t('conflict.deleted', { who, name })}</Text>
        <Button size="compact-xs" variant="default" onClick={onDone} data-testid="conflict-theirs">{t('conflict.understood')}</Button>
      </Stack>
    );
  }
  return (
    <Stack gap={6}>
      <Text size="sm">
        <RecordLink collection={collection} id={conflict.record} name={name} />:{' '}
        {t('conflict.changed', { who, field: fields.map(({ field }) => fieldLabel(field)).join(', '), when: formatRelative(first.at) })}
      </Text>
      {fields.map(({ each, field }) => <Values key={each.field} conflict={each} field={field} />)}
      <Group gap="xs">
        {repeatable && <Button size="compact-xs" variant="default" onClick={keepMine} data-testid="conflict-mine">{t('conflict.keepMine')}</Button>}
        <Button size="compact-xs" variant="default" onClick={onDone} data-testid="conflict-theirs">{t('conflict.takeTheirs')}</Button>
      </Group>
    </Stack>
  );
}

function useWho(by: string | undefined): string {
  const { t } = useTranslation();
  const db = useDb();
  const me = useSession().session.user.id;
  const { data: user } = useRow(by === undefined || by === me ? null : db.users.get(by));
  if (by === me) return t('conflict.you');
  return user?.name ?? t('conflict.somebody');
}

function Values({ conflict, field }: { readonly conflict: FieldConflict; readonly field: FieldMeta }) {
  const { t } = useTranslation();
  const theirs = useValueText(field, conflict.theirs);
  const mine = useValueText(field, conflict.mine);
  return <Text size="xs" c="dimmed" lineClamp={3}>{t('conflict.values', { field: fieldLabel(field), theirs, mine })}</Text>;
}

/** As FieldView shows it, in one line: a reference by the name of its record, where that may be seen. */
function useValueText(field: FieldMeta, value: unknown): string {
  const db = useDb();
  const target = field.type === 'reference' && typeof value === 'string' && field.target ? collectionNamed(field.target) : null;
  const { data: row } = useRow(target ? db.table(target.key).get(String(value)) : null);
  if (target) return row ? titleOf(target, row) : labelOf(target.singular);
  return formatValue(field, value);
}

function RecordLink({ collection, id, name }: { readonly collection: CollectionMeta; readonly id: string; readonly name: string }) {
  const path = pathOf(collection.name, id);
  if (!path) return <Text span inherit>{name}</Text>;
  return <Anchor component={Link} to={path} inherit>{name}</Anchor>;
}
