// Asks before a record is deleted: that cannot be taken back, for what goes with it (its activities, say) is gone too. What
// goes, and what stays without it, comes from the schema's references.
import type { CollectionMeta, Row } from '@syncline/client';
import { useDb, useQuery } from '@syncline/react';
import { Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useNavigate } from '@tanstack/react-router';
import { type RefObject, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { labelOf } from '../fields/format.ts';
import { useRefusal } from '../frame/use_refusal.ts';
import { useMay } from '../session/rights.ts';
import { type Dependent, dependentsOf } from './dependents.ts';

interface DeleteDialogProps {
  readonly collection: CollectionMeta;
  /** As it is when it is deleted. */
  readonly record: RefObject<Row>;
  readonly name: string;
  /** Where to go when it is gone. */
  readonly leaveTo: string;
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function DeleteDialog({ collection, record, name, leaveTo, opened, onClose }: DeleteDialogProps) {
  const { t } = useTranslation();
  const db = useDb();
  const refusal = useRefusal();
  const navigate = useNavigate();
  const may = useMay();
  const dependents = useMemo(() => dependentsOf(collection).filter((each) => may('read', each.collection.name)), [collection, may]);

  const remove = (): void => {
    onClose();
    if (!refusal.watch(() => db.table(collection.key).remove(record.current.id, { base: record.current.version }))) return;
    void navigate({ to: leaveTo });
    notifications.show({ message: t('delete.done', { name }) });
  };

  return (
    <Modal opened={opened} onClose={onClose} title={t('delete.title', { name })} data-testid="delete-dialog">
      <Stack gap="sm">
        <List size="sm">
          {dependents.map((each) => <Consequence key={`${each.collection.name}.${each.field.name}`} dependent={each} id={record.current.id} />)}
        </List>
        <Text size="sm">{t('delete.final')}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>{t('record.cancel')}</Button>
          <Button color="red" onClick={remove} data-testid="delete-confirm">{t('record.delete')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Consequence({ dependent: { collection, field }, id }: { readonly dependent: Dependent; readonly id: string }) {
  const { t } = useTranslation();
  const db = useDb();
  const { data, status } = useQuery(useMemo(() => db.table(collection.key).where(field.name, '=', id).count(), [db, collection, field, id]));
  const what = labelOf(collection.name).toLowerCase();
  const fate = field.whenTargetDeleted === 'deleted' ? 'goes' : 'stays';
  // Offline it may not be known how many; what is deleted with it is named all the same.
  if (status !== 'complete') return fate === 'goes' ? <List.Item>{t('delete.goesUnknown', { what })}</List.Item> : null;
  const count = data[0]?.count ?? 0;
  if (count === 0) return null;
  return <List.Item data-testid={`delete-${fate}-${collection.name}`}>{t(`delete.${fate}`, { count, what: count === 1 ? labelOf(collection.singular).toLowerCase() : what })}</List.Item>;
}
