// Filters as chips; each one is part of the URL. Which operators a field has comes from its type.
import type { CollectionMeta, JsValue, Operator } from '@syncline/client';
import { Button, Group, Pill, Popover, Select, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconFilter } from '@tabler/icons-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FieldEditor } from '../fields/field_editor.tsx';
import { formatValue, fieldLabel } from '../fields/format.ts';
import { isInternal } from '../fields/presentation.ts';
import { fieldNamed } from '../fields/reference.ts';
import { type Filter, type ListSearch, operatorsFor } from './list_state.ts';

interface FilterBarProps {
  readonly collection: CollectionMeta;
  readonly search: ListSearch;
  readonly onSearch: (search: ListSearch) => void;
}

export function FilterBar({ collection, search, onSearch }: FilterBarProps) {
  const { t } = useTranslation();
  const filters = search.filters ?? [];
  const set = (next: readonly Filter[]) => {
    const { filters: _, ...rest } = search;
    onSearch(next.length > 0 ? { ...rest, filters: next } : rest);
  };
  const known = filters.filter((filter) => collection.fields.some((field) => field.name === filter.field));
  return (
    <Group gap={6} px="md" py={6} style={{ borderBottom: '1px solid var(--mantine-color-default-border)', flexShrink: 0 }}>
      <AddFilter collection={collection} onAdd={(filter) => set([...filters, filter])} />
      {known.map((filter, i) => {
        const field = fieldNamed(collection, filter.field);
        const value = filter.operator === 'is null' ? '' : field.type === 'reference' ? '…' : formatValue(field, filter.value);
        return (
          <Pill key={i} withRemoveButton onRemove={() => set(filters.filter((each) => each !== filter))} size="md">
            {fieldLabel(field)} {t(`operators.${filter.operator}`)} {value}
          </Pill>
        );
      })}
    </Group>
  );
}

function AddFilter({ collection, onAdd }: { readonly collection: CollectionMeta; readonly onAdd: (filter: Filter) => void }) {
  const { t } = useTranslation();
  const [opened, { toggle, close }] = useDisclosure(false);
  const button = useRef<HTMLButtonElement>(null);
  useClickElsewhere(opened, button, close);
  const [name, setName] = useState<string | null>(null);
  const [operator, setOperator] = useState<Operator>('=');
  const [value, setValue] = useState<JsValue>(null);
  const fields = collection.fields.filter((field) => field.slot >= 0 && !isInternal(field) && (field.type !== 'reference' || field.target !== null));
  const field = fields.find((each) => each.name === name);
  const choose = (next: string | null) => {
    setName(next);
    setValue(null);
    const chosen = fields.find((each) => each.name === next);
    if (chosen) setOperator(operatorsFor(chosen)[0]!);
  };
  const add = (event: FormEvent) => {
    event.preventDefault();
    if (!field || (operator !== 'is null' && (value === null || value === ''))) return;
    onAdd({ field: field.name, operator, value: operator === 'is null' ? true : value });
    choose(null);
    close();
  };
  return (
    <Popover opened={opened} onChange={(next) => !next && close()} position="bottom-start" trapFocus width={260} closeOnClickOutside={false}>
      <Popover.Target>
        <Button variant="subtle" color="gray" size="compact-sm" leftSection={<IconFilter size={16} />} ref={button} onClick={toggle} data-testid="add-filter">{t('list.addFilter')}</Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs" component="form" onSubmit={add}>
          <Select
            size="sm" searchable placeholder={t('list.field')} value={name} onChange={choose} comboboxProps={{ withinPortal: false }}
            data={fields.map((each) => ({ value: each.name, label: fieldLabel(each) }))}
          />
          {field && (
            <>
              <Select
                size="sm" value={operator} allowDeselect={false} comboboxProps={{ withinPortal: false }}
                onChange={(next) => setOperator((next ?? '=') as Operator)}
                data={operatorsFor(field).map((each) => ({ value: each, label: t(`operators.${each}`) }))}
              />
              {operator !== 'is null' && <FieldEditor field={{ ...field, required: false }} value={value} onChange={setValue} />}
              <Button size="xs" type="submit" data-testid="filter-apply">{t('list.apply')}</Button>
            </>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** The choices of a field open in a portal of their own: a click there is no click outside. */
function useClickElsewhere(active: boolean, own: React.RefObject<HTMLElement | null>, then: () => void): void {
  useEffect(() => {
    if (!active) return undefined;
    const onDown = ({ target }: MouseEvent) => {
      if (target instanceof Element && !own.current?.contains(target) && !target.closest('[data-portal]')) then();
    };
    document.addEventListener('mousedown', onDown);
    return () => document.removeEventListener('mousedown', onDown);
  }, [active, own, then]);
}
