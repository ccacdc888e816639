// Picks a record of another collection: type to search, the matches are a live query.
import type { FieldMeta } from '@syncline/client';
import { useDb, useQuery, useRow } from '@syncline/react';
import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { likePattern } from './like_pattern.ts';
import { collectionNamed, orderOf, titleOf } from './reference.ts';

interface ReferencePickerProps {
  readonly field: FieldMeta;
  readonly value: string | null;
  readonly onChange: (id: string | null) => void;
  readonly label?: string | undefined;
  readonly error?: string | null | undefined;
  readonly required?: boolean;
  readonly errorProps?: { readonly role: 'alert' };
  readonly size?: 'sm';
  readonly onKeyDown?: ((event: React.KeyboardEvent) => void) | undefined;
}

const CHOICES_MAX = 30;

export function ReferencePicker({ field, value, onChange, ...input }: ReferencePickerProps) {
  const db = useDb();
  const target = collectionNamed(field.target ?? '');
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed, 120);
  const query = useMemo(() => {
    const all = orderOf(target).reduce((result, name) => result.orderBy(name), db.table(target.key).all()).limit(CHOICES_MAX);
    return search === '' ? all : all.where(target.titleField, 'like', likePattern(search));
  }, [db, target, search]);
  const { data } = useQuery(query);
  const { data: current } = useRow(useMemo(() => (value ? db.table(target.key).get(value) : null), [db, target, value]));

  const choices = useMemo(() => {
    const rows = current && !data.some((row) => row.id === current.id) ? [current, ...data] : data;
    return rows.map((row) => ({ value: row.id, label: titleOf(target, row) }));
  }, [data, current, target]);

  return (
    <Select
      {...input} searchable clearable={!field.required} allowDeselect={!field.required} data={choices} value={value} onChange={onChange}
      onSearchChange={(next) => setTyped(choices.some((choice) => choice.label === next) ? '' : next)}
      filter={({ options }) => options} comboboxProps={{ withinPortal: true }} nothingFoundMessage="–"
    />
  );
}
