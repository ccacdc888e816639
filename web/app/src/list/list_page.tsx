// The page of one collection: its live list, filters as chips, the count, and the way to a new record.
import type { Row } from '@syncline/client';
import { useDb, useQuery } from '@syncline/react';
import { Button, Center, Checkbox, Group, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatNumber, labelOf } from '../fields/format.ts';
import { collectionNamed, pathOf } from '../fields/reference.ts';
import { Page } from '../frame/page.tsx';
import { isElsewhere } from '../frame/use_go_keys.ts';
import { useRefusal } from '../frame/use_refusal.ts';
import { useMay } from '../session/rights.ts';
import { NewRecord } from '../record/new_record.tsx';
import { FilterBar } from './filter_bar.tsx';
import { listConfig } from './list_config.ts';
import { applyFilters, type ListSearch } from './list_state.ts';
import { LiveList } from './live_list.tsx';

interface ListPageProps {
  readonly collectionName: string;
  readonly search: ListSearch;
  readonly onSearch: (search: ListSearch) => void;
}

export function ListPage({ collectionName, search, onSearch }: ListPageProps) {
  const { t } = useTranslation();
  const db = useDb();
  const navigate = useNavigate();
  const collection = collectionNamed(collectionName);
  const config = listConfig(collectionName);
  const may = useMay();
  const mayCreate = may('create', collection.name);
  const [creating, setCreating] = useState(false);
  const count = useQuery(useMemo(
    () => applyFilters(db.table(collection.key).all(), collection, search.filters ?? []).count(), [db, collection, search.filters],
  )).data[0]?.count;
  const open = useCallback((row: Row) => {
    const path = pathOf(collection.name, row.id);
    if (path) void navigate({ to: path });
  }, [collection, navigate]);
  useCreateKey(() => mayCreate && setCreating(true));

  return (
    <Page
      title={t(`lists.${collection.name}`)}
      actions={
        <>
          {count !== undefined && <Text size="sm" c="dimmed" data-testid="list-count">{formatNumber(count)}</Text>}
          {mayCreate && (
            <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setCreating(true)} data-testid="new-record">
              {t('record.newShort', { what: labelOf(collection.singular).toLowerCase() })}
            </Button>
          )}
        </>
      }
    >
      <FilterBar collection={collection} search={search} onSearch={onSearch} />
      <LiveList
        collection={collection} config={config} search={search} onSearch={onSearch} onOpen={open}
        empty={<EmptyList filtered={(search.filters ?? []).length > 0} what={labelOf(collection.name).toLowerCase()} onCreate={mayCreate ? () => setCreating(true) : null} onClear={() => onSearch({})} />}
        {...(collection.name === 'tasks' && may('act', 'tasks') ? { leading: (row: Row) => <CompleteTask task={row} /> } : {})}
      />
      <NewRecord collection={collection} suggested={config.columns} opened={creating} onClose={() => setCreating(false)} />
    </Page>
  );
}

function useCreateKey(create: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'c' || isElsewhere(event)) return;
      event.preventDefault();
      create();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });
}

function CompleteTask({ task }: { readonly task: Row }): ReactNode {
  const { t } = useTranslation();
  const db = useDb();
  const refusal = useRefusal();
  const may = useMay();
  const done = task['status'] === 'completed';
  return (
    <Checkbox
      size="xs" checked={done} aria-label={t('task.complete')} disabled={!may(done ? 'update' : 'act', 'tasks')}
      onChange={() => refusal.watch(() => (done
        ? db.table('tasks').update(task.id, { status: 'open' }, { base: task.version })
        : db.mutate('crm.task.complete', { id: task.id })))}
    />
  );
}

interface EmptyListProps {
  readonly filtered: boolean;
  readonly what: string;
  readonly onCreate: (() => void) | null;
  readonly onClear: () => void;
}

function EmptyList({ filtered, what, onCreate, onClear }: EmptyListProps) {
  const { t } = useTranslation();
  return (
    <Center py={80}>
      <Stack align="center" gap="sm">
        <Text c="dimmed">{t(filtered ? 'list.nothingMatches' : 'list.empty', { what })}</Text>
        <Group>
          {filtered
            ? <Button variant="default" size="xs" onClick={onClear}>{t('list.clearFilters')}</Button>
            : onCreate && <Button size="xs" onClick={onCreate}>{t('list.createFirst')}</Button>}
        </Group>
      </Stack>
    </Center>
  );
}
