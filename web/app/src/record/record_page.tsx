// The page of one record: every field of the schema, edited in place, live; what refers to it at the side.
import { type CollectionMeta, type FieldMeta, newId, type Row } from '@syncline/client';
import { useDb, useRow } from '@syncline/react';
import { Button, Divider, Grid, Group, Menu, ScrollArea, Skeleton, Stack, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconArrowsExchange, IconDots, IconTrash } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { labelOf } from '../fields/format.ts';
import { collectionNamed, includeNameOf, titleOf } from '../fields/reference.ts';
import { Page } from '../frame/page.tsx';
import { useLater } from '../frame/use_later.ts';
import { useRefusal } from '../frame/use_refusal.ts';
import { ConvertDialog } from './convert_dialog.tsx';
import { InlineField } from './inline_field.tsx';
import { RelatedList, relationsOf } from './related_list.tsx';

export function RecordPage({ collectionName, id }: { readonly collectionName: string; readonly id: string }) {
  const { t } = useTranslation();
  const db = useDb();
  const collection = collectionNamed(collectionName);
  const references = useMemo(() => collection.fields.filter((field) => field.type === 'reference' && field.slot >= 0), [collection]);
  const query = useMemo(
    () => references.reduce((result, field) => (field.name.endsWith('Id') ? result.include(includeNameOf(field)) : result), db.table(collection.key).get(id)),
    [db, collection, id, references],
  );
  const { data: row, status, error } = useRow(query);
  const late = useLater(!row && status === 'loading', 100);
  const parent = { label: labelOf(collection.name), to: `/${collection.name.replaceAll('_', '-')}` };

  if (error) return <Page title={t('record.gone')} parent={parent}><Text p="md" c="dimmed" role="alert">{error.message}</Text></Page>;
  if (!row) {
    return (
      <Page title="" parent={parent}>
        {status === 'complete' && <Text p="md" c="dimmed">{t('record.goneBody')}</Text>}
        {late && <Stack p="md">{Array.from({ length: 8 }, (_, i) => <Skeleton key={i} height={22} />)}</Stack>}
      </Page>
    );
  }
  return <LoadedRecord collection={collection} row={row} parent={parent} />;
}

interface LoadedRecordProps {
  readonly collection: CollectionMeta;
  readonly row: Row;
  readonly parent: { readonly label: string; readonly to: string };
}

function LoadedRecord({ collection, row, parent }: LoadedRecordProps) {
  const { t } = useTranslation();
  const fields = collection.fields.filter((field) => field.slot >= 0 && !isBookkeeping(field));
  const bookkeeping = collection.fields.filter((field) => field.slot >= 0 && isBookkeeping(field) && field.type !== 'reference');
  const relations = relationsOf(collection);
  const convertible = collection.name === 'leads' && row['status'] !== 'converted';
  const [converting, setConverting] = useState(false);

  return (
    <Page
      title={titleOf(collection, row)} parent={parent}
      actions={
        <Group gap="xs">
          {convertible && (
            <Button size="xs" leftSection={<IconArrowsExchange size={14} />} onClick={() => setConverting(true)} data-testid="convert">
              {t('convert.submit')}
            </Button>
          )}
          <RecordMenu collection={collection} row={row} parent={parent} />
        </Group>
      }
    >
      <ScrollArea flex={1} mih={0}>
        <Grid p="md" gap="xl" maw={1200}>
          <Grid.Col span={{ base: 12, md: relations.length > 0 ? 7 : 12 }}>
            <Title order={3} mb="xs">{t('record.details')}</Title>
            {fields.map((field) => <InlineField key={field.name} collection={collection} field={field} row={row} />)}
            <Divider my="sm" />
            {bookkeeping.map((field) => <InlineField key={field.name} collection={collection} field={{ ...field, readOnly: true }} row={row} />)}
          </Grid.Col>
          {relations.length > 0 && (
            <Grid.Col span={{ base: 12, md: 5 }}>
              <Stack gap="lg">
                {relations.map((relation) => <RelatedList key={relation.collection.name} relation={relation} record={row} />)}
              </Stack>
            </Grid.Col>
          )}
        </Grid>
      </ScrollArea>
      {convertible && <ConvertDialog lead={row} opened={converting} onClose={() => setConverting(false)} />}
    </Page>
  );
}

const isBookkeeping = (field: FieldMeta): boolean => ['createdAt', 'updatedAt', 'createdBy'].includes(field.name);

function RecordMenu({ collection, row, parent }: LoadedRecordProps) {
  const { t } = useTranslation();
  const db = useDb();
  const refusal = useRefusal();
  const navigate = useNavigate();

  const restore = (): void => {
    const fields = collection.fields.filter((field) => field.slot >= 0 && !field.readOnly && !isBookkeeping(field));
    const given = Object.fromEntries(fields.flatMap((field) => {
      const value = row[field.name];
      return value === null || value === undefined ? [] : [[field.name, value as string]];
    }));
    refusal.watch(() => db.table(collection.key).insert({ ...given, id: newId() }));
  };
  const remove = (): void => {
    if (!refusal.watch(() => db.table(collection.key).remove(row.id, { base: row.version }))) return;
    void navigate({ to: parent.to });
    notifications.show({
      title: t('record.deleted', { name: titleOf(collection, row) }),
      message: <Button size="compact-xs" variant="light" onClick={restore}>{t('record.undo')}</Button>,
    });
  };

  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button size="xs" variant="default" px={8} aria-label={t('record.more')} data-testid="record-menu"><IconDots size={16} /></Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item color="red" leftSection={<IconTrash size={14} />} onClick={remove} data-testid="delete">{t('record.delete')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
