// The page of one record: every field of the schema, edited in place, live; what refers to it at the side.
import type { CollectionMeta, FieldMeta, Row } from '@syncline/client';
import { useDb, useRow } from '@syncline/react';
import { Button, Divider, Grid, Menu, ScrollArea, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconArrowsExchange, IconDots, IconTrash } from '@tabler/icons-react';
import { type ComponentProps, createContext, memo, type RefObject, useContext, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { labelOf } from '../fields/format.ts';
import { withLaterNeeds } from '../fields/presentation.ts';
import { collectionNamed, includeNameOf, titleOf } from '../fields/reference.ts';
import { Page } from '../frame/page.tsx';
import { useLater } from '../frame/use_later.ts';
import { Waiting } from '../frame/waiting.tsx';
import { RecordConflict } from '../refused/record_conflict.tsx';
import { useMay } from '../session/rights.ts';
import { ConvertDialog } from './convert_dialog.tsx';
import { DeleteDialog } from './delete_dialog.tsx';
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
  const parent = useMemo(() => ({ label: labelOf(collection.name), to: `/${collection.name.replaceAll('_', '-')}` }), [collection]);

  if (error) return <Page title={t('record.gone')} parent={parent}><Text p="md" c="dimmed" role="alert">{error.message}</Text></Page>;
  if (!row) {
    return (
      <Page title="" parent={parent}>
        <RecordConflict record={id} />
        {status === 'complete' && <Text p="md" c="dimmed">{t('record.goneBody')}</Text>}
        {late && <Stack p="md"><Waiting skeleton={Array.from({ length: 8 }, (_, i) => <Skeleton key={i} height={22} />)} /></Stack>}
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

/** The record as it is now, for the fields: whatever stands around them is not rendered again when one of them changes. */
const CurrentRow = createContext<Row | null>(null);

function LoadedRecord({ collection, row, parent }: LoadedRecordProps) {
  const may = useMay();
  const latest = useRef(row);
  latest.current = row;
  const convertible = collection.name === 'leads' && may('act', 'leads') && row['status'] !== 'converted';
  return (
    <CurrentRow.Provider value={row}>
      <RecordView collection={collection} id={row.id} title={titleOf(collection, row)} convertible={convertible} parent={parent} latest={latest} />
    </CurrentRow.Provider>
  );
}

interface RecordViewProps extends Pick<LoadedRecordProps, 'collection' | 'parent'> {
  readonly id: string;
  readonly title: string;
  readonly convertible: boolean;
  readonly latest: RefObject<Row>;
}

const RecordView = memo(function RecordView({ collection, id, title, convertible, parent, latest }: RecordViewProps) {
  const { t } = useTranslation();
  const may = useMay();
  const mayUpdate = may('update', collection.name);
  const fields = useMemo(() => shownFields(collection, mayUpdate), [collection, mayUpdate]);
  const bookkeeping = useMemo(() => bookkeepingFields(collection), [collection]);
  const relations = useMemo(() => relationsOf(collection).filter((relation) => may('read', relation.collection.name)), [collection, may]);
  const [converting, setConverting] = useState(false);

  return (
    <Page
      title={title} parent={parent}
      actions={
        <>
          {convertible && (
            <Button size="xs" leftSection={<IconArrowsExchange size={14} />} onClick={() => setConverting(true)} data-testid="convert">
              {t('convert.submit')}
            </Button>
          )}
          {may('remove', collection.name) && <RecordMenu collection={collection} record={latest} name={title} leaveTo={parent.to} />}
        </>
      }
    >
      <RecordConflict record={id} />
      <ScrollArea flex={1} mih={0}>
        <Grid p="md" gap="xl" maw={1200}>
          <Grid.Col span={{ base: 12, md: relations.length > 0 ? 7 : 12 }}>
            <Title order={3} mb="xs">{t('record.details')}</Title>
            {fields.map((field) => <CurrentField key={field.name} collection={collection} field={field} latest={latest} />)}
            <Divider my="sm" />
            {bookkeeping.map((field) => <CurrentField key={field.name} collection={collection} field={field} latest={latest} />)}
          </Grid.Col>
          {relations.length > 0 && (
            <Grid.Col span={{ base: 12, md: 5 }}>
              <Stack gap="lg">
                {relations.map((relation) => <RelatedList key={relation.collection.name} relation={relation} record={id} />)}
              </Stack>
            </Grid.Col>
          )}
        </Grid>
      </ScrollArea>
      {convertible && <CurrentConversion opened={converting} onClose={() => setConverting(false)} />}
    </Page>
  );
});

function CurrentField(props: Omit<ComponentProps<typeof InlineField>, 'row'>) {
  return <InlineField {...props} row={useContext(CurrentRow)!} />;
}
function CurrentConversion(props: Omit<ComponentProps<typeof ConvertDialog>, 'lead'>) {
  return <ConvertDialog {...props} lead={useContext(CurrentRow)!} />;
}

const isBookkeeping = (field: FieldMeta): boolean => ['createdAt', 'updatedAt', 'createdBy'].includes(field.name);
const readOnly = (field: FieldMeta): FieldMeta => ({ ...field, readOnly: true });

function shownFields(collection: CollectionMeta, mayUpdate: boolean): readonly FieldMeta[] {
  const fields = collection.fields.filter((field) => field.slot >= 0 && !isBookkeeping(field));
  return mayUpdate ? fields.map(withLaterNeeds) : fields.map(readOnly);
}
function bookkeepingFields(collection: CollectionMeta): readonly FieldMeta[] {
  return collection.fields.filter((field) => field.slot >= 0 && isBookkeeping(field) && field.type !== 'reference').map(readOnly);
}

interface RecordMenuProps {
  readonly collection: CollectionMeta;
  readonly record: RefObject<Row>;
  readonly name: string;
  readonly leaveTo: string;
}

const RecordMenu = memo(function RecordMenu({ collection, record, name, leaveTo }: RecordMenuProps) {
  const { t } = useTranslation();
  const [asking, { open: ask, close: stay }] = useDisclosure(false);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button size="xs" variant="default" px={8} aria-label={t('record.more')} data-testid="record-menu"><IconDots size={16} /></Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item color="red" leftSection={<IconTrash size={14} />} onClick={ask} data-testid="delete">{t('record.delete')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <DeleteDialog collection={collection} record={record} name={name} leaveTo={leaveTo} opened={asking} onClose={stay} />
    </>
  );
});
