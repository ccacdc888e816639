// What an undo or redo has done, in words: to which record, and what it wrote.
import { type CollectionMeta, type NamedChange, valueOf } from '@syncline/client';
import { useDb, useRow } from '@syncline/react';
import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Trans, useTranslation } from 'react-i18next';
import { fieldLabel, labelOf } from '../fields/format.ts';
import { pathOf, titleOf } from '../fields/reference.ts';
import { type ChangeFacts, factsOf } from '../refused/changes.ts';
import { ValueText } from '../refused/value_text.tsx';

export function UndoneChange({ change }: { readonly change: NamedChange }) {
  const facts = factsOf(change.name, change.args);
  const { collection, record } = facts;
  return collection && record ? <OfRecord facts={facts} kinds={change.kinds} collection={collection} record={record} /> : null;
}

interface OfRecordProps {
  readonly facts: ChangeFacts;
  /** What was not simply assigned (added, say) is shown as it stands now. */
  readonly kinds: NamedChange['kinds'];
  readonly collection: CollectionMeta;
  readonly record: string;
}

function OfRecord({ facts: { action, fields }, kinds, collection, record }: OfRecordProps) {
  const { t } = useTranslation();
  const db = useDb();
  const { data: row } = useRow(db.table(collection.key).get(record));
  const what = labelOf(collection.singular);
  if (action === 'remove') return <Text size="sm">{t('undo.gone', { what: what.toLowerCase() })}</Text>;
  const path = pathOf(collection.name, record);
  const text = row ? titleOf(collection, row) : what;
  const name = row && path ? <Anchor component={Link} to={path} inherit>{text}</Anchor> : <Text span inherit>{text}</Text>;
  if (action !== 'update') return <Text size="sm"><Trans i18nKey="undo.back" components={{ name }} /></Text>;
  return (
    <>
      <Text size="sm">{name}</Text>
      {row && fields.map(({ field, value }) => (
        <Text key={field.name} size="sm" lineClamp={2}>
          <Text span inherit c="dimmed">{fieldLabel(field)}: </Text><ValueText field={field} value={kinds?.[field.name] === undefined ? value : valueOf(row[field.name])} />
        </Text>
      ))}
    </>
  );
}
