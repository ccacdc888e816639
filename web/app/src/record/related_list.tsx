// Records that point to this one: the deals of a company, the tasks of a lead. Short live lists with a way to add.
import { type CollectionMeta, schema } from '@syncline/client';
import { useDb, useQuery } from '@syncline/react';
import { Anchor, Box, Button, Group, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { memo, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FieldView } from '../fields/field_view.tsx';
import { labelOf } from '../fields/format.ts';
import { fieldNamed, pathOf, titleOf } from '../fields/reference.ts';
import { includesOf } from '../list/list_state.ts';
import { useMay } from '../session/rights.ts';
import { listConfig } from '../list/list_config.ts';
import { OnlySome } from '../frame/waiting.tsx';
import classes from './record.module.css';
import { NewRecord } from './new_record.tsx';

const SHOWN = 20;
const RELATED = ['deals', 'contacts', 'tasks', 'activities', 'phone_calls'] as const;

export interface Relation {
  readonly collection: CollectionMeta;
  readonly field: string;
}

/** Collections with a page whose records may refer to one of `target`, by the schema. */
export function relationsOf(target: CollectionMeta): readonly Relation[] {
  return RELATED.flatMap((name) => {
    const collection = schema.collections.find((each) => each.name === name);
    const field = collection?.fields.find((each) => each.target === target.name);
    return collection && field && collection.name !== target.name ? [{ collection, field: field.name }] : [];
  });
}

/** `record`: the id of the one that they refer to. */
export const RelatedList = memo(function RelatedList({ relation, record }: { readonly relation: Relation; readonly record: string }) {
  const { t } = useTranslation();
  const db = useDb();
  const { collection, field } = relation;
  const config = listConfig(collection.name);
  const may = useMay();
  const [adding, setAdding] = useState(false);
  const shown = useMemo(() => config.columns.filter((name) => name !== field && name !== collection.titleField).slice(0, 2), [config, field, collection]);
  const query = useMemo(() => includesOf(collection, shown).reduce(
    (result, name) => result.include(name),
    db.table(collection.key).where(field, '=', record).orderBy(config.sort, config.descending ? 'desc' : 'asc').limit(SHOWN),
  ), [db, collection, field, record, config, shown]);
  const { data, status } = useQuery(query);
  const preset = useMemo(() => ({ [field]: record }), [field, record]);

  return (
    <Stack gap={6} data-testid={`related-${collection.name}`}>
      <Group justify="space-between">
        <Text fw={600} size="sm">{labelOf(collection.name)}</Text>
        {may('create', collection.name) && (
          <Button size="compact-xs" variant="subtle" leftSection={<IconPlus size={12} />} onClick={() => setAdding(true)}>{t('record.add')}</Button>
        )}
      </Group>
      {status === 'partial' && <OnlySome />}
      {status === 'complete' && data.length === 0 && <Text size="sm" c="dimmed">{t('record.none')}</Text>}
      {data.map((row) => {
        const path = pathOf(collection.name, row.id);
        return (
          <Group key={row.id} justify="space-between" wrap="nowrap" gap="sm" fz="sm">
            {path ? <Anchor component={Link} to={path} size="sm" truncate className={classes['relatedName']}>{titleOf(collection, row)}</Anchor> : <Text size="sm">{titleOf(collection, row)}</Text>}
            <Group gap="xs" wrap="nowrap" c="dimmed" miw={0}>
              {shown.map((name) => <Box key={name} className={classes['relatedValue']}><FieldView collection={collection} field={fieldNamed(collection, name)} row={row} plain /></Box>)}
            </Group>
          </Group>
        );
      })}
      <NewRecord collection={collection} suggested={config.columns} preset={preset} opened={adding} onClose={() => setAdding(false)} />
    </Stack>
  );
});
