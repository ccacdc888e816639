// A live, virtualised list of one collection: the engine sorts and filters, the browser draws what is visible. Rows that
// somebody else changed glow for a moment and stay where they are on the screen's terms: nothing is re-fetched.
import type { CollectionMeta, FieldMeta, Row } from '@syncline/client';
import { useDb, useQuery } from '@syncline/react';
import { Box, Skeleton, Text, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { type ColumnDef, tableFeatures, useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FieldView } from '../fields/field_view.tsx';
import { fieldLabel } from '../fields/format.ts';
import { fieldNamed } from '../fields/reference.ts';
import { useLater } from '../frame/use_later.ts';
import { OnlySome, Waiting } from '../frame/waiting.tsx';
import classes from './live_list.module.css';
import { applyFilters, includesOf, type ListSearch, orderOf, sortOf, toggleSort } from './list_state.ts';
import type { ListConfig } from './list_config.ts';
import { isOverdue } from './overdue.ts';
import { useRowKeys } from './use_row_keys.ts';

const ROW_HEIGHT = 36;
const PAGE = 200;
const features = tableFeatures({});

interface LiveListProps {
  readonly collection: CollectionMeta;
  readonly config: ListConfig;
  readonly search: ListSearch;
  readonly onSearch: (search: ListSearch) => void;
  readonly onOpen: (row: Row) => void;
  readonly empty: ReactNode;
  /** First column of each row, for example a checkbox that completes a task. */
  readonly leading?: (row: Row) => ReactNode;
}

export function LiveList({ collection, config, search, onSearch, onOpen, empty, leading }: LiveListProps) {
  const db = useDb();
  const [limit, setLimit] = useState(PAGE);
  const sort = sortOf(search, config);
  const query = useMemo(() => {
    const filtered = applyFilters(db.table(collection.key).all(), collection, search.filters ?? []).limit(limit);
    const ordered = orderOf({ ...(search.sort ? { sort: search.sort } : {}) }, config)
      .reduce((result, { field, descending }) => result.orderBy(field, descending ? 'desc' : 'asc'), filtered);
    return includesOf(collection, config.columns).reduce((result, name) => result.include(name), ordered);
  }, [db, collection, config, search.filters, search.sort, limit]);
  const { data, status, error } = useQuery(query);
  const rows = useLastWhileLoading(data, status === 'loading');
  const fields = useMemo(() => config.columns.map((name) => fieldNamed(collection, name)), [collection, config]);
  const columns = useMemo(() => fields.map((field): ColumnDef<typeof features, Row> => ({
    id: field.name,
    accessorFn: (row) => row[field.name],
    header: fieldLabel(field),
    cell: ({ row }) => <FieldView collection={collection} field={field} row={row.original} plain />,
  })), [fields, collection]);
  const table = useTable({ features, columns, data: rows as Row[], getRowId: (row) => row.id });
  const tableRows = table.getRowModel().rows;

  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: tableRows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const lastVisible = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length >= limit && lastVisible >= limit - PAGE / 4) setLimit(limit + PAGE);
  }, [rows.length, lastVisible, limit]);

  const active = useRowKeys(rows, virtual.scrollToIndex, onOpen);
  const late = useLater(status === 'loading' && rows.length === 0, 100);
  const columnsLayout = useMemo(() => layoutOf(fields, leading !== undefined), [fields, leading]);

  if (error) return <Text c="red" p="md" role="alert">{error.message}</Text>;
  return (
    <div ref={scroller} className={classes['scroller']} tabIndex={0} role="grid" aria-rowcount={rows.length} data-testid="list">
      <div className={classes['header']} style={columnsLayout} role="row">
        {leading && <span />}
        {table.getHeaderGroups()[0]?.headers.map((header) => (
          <UnstyledButton key={header.id} className={classes['headerCell']} role="columnheader" data-numeric={isNumeric(fieldNamed(collection, header.id)) || undefined} onClick={() => onSearch(toggleSort(search, config, header.id))}>
            <span className={classes['headerText']}><table.FlexRender header={header} /></span>
            {sort.field === header.id && (sort.descending ? <IconArrowDown size={12} /> : <IconArrowUp size={12} />)}
          </UnstyledButton>
        ))}
      </div>
      {late && <Box p="xs"><Waiting skeleton={<ListSkeleton />} /></Box>}
      {status === 'partial' && <OnlySome padding="xs" />}
      {status === 'complete' && rows.length === 0 && empty}
      <Box h={virtual.getTotalSize()} pos="relative">
        {items.map((item) => {
          const row = tableRows[item.index];
          if (!row) return null;
          return (
            <ListRow
              key={row.id} row={row.original} top={item.start} layout={columnsLayout} active={item.index === active}
              onOpen={onOpen} leading={leading} collection={collection} fields={fields}
            />
          );
        })}
      </Box>
    </div>
  );
}

interface ListRowProps {
  readonly row: Row;
  readonly top: number;
  readonly layout: ColumnsLayout;
  readonly active: boolean;
  readonly onOpen: (row: Row) => void;
  readonly leading: ((row: Row) => ReactNode) | undefined;
  readonly collection: CollectionMeta;
  readonly fields: readonly FieldMeta[];
}

const ListRow = memo(function ListRow({ row, top, layout, active, onOpen, leading, collection, fields }: ListRowProps) {
  const { t } = useTranslation();
  const glowing = useGlow(row);
  return (
    <div
      className={classes['row']} style={{ ...layout, transform: `translateY(${top}px)`, height: ROW_HEIGHT }}
      role="row" data-testid={`row-${row.id}`} data-active={active || undefined} data-glow={glowing || undefined}
      data-pending={row.$pending || undefined} onClick={() => onOpen(row)}
    >
      {leading && <span className={classes['cell']} onClick={(event) => event.stopPropagation()}>{leading(row)}</span>}
      {fields.map((field) => (
        <span key={field.name} className={classes['cell']} role="gridcell" data-numeric={isNumeric(field) || undefined} {...(field.name === 'dueAt' && isOverdue(row['status'], row['dueAt']) ? { 'data-overdue': true, title: t('list.overdue') } : {})} data-testid={`cell-${field.name}`}>
          <FieldView collection={collection} field={field} row={row} plain />
        </span>
      ))}
    </div>
  );
});

/** True for 1.5 s after the row's confirmed version moved while it was on the screen. */
function useGlow(row: Row): boolean {
  const seen = useRef(row.version);
  const [glowing, setGlowing] = useState(false);
  useEffect(() => {
    if (seen.current === row.version) return undefined;
    seen.current = row.version;
    setGlowing(true);
    const timer = setTimeout(() => setGlowing(false), 1_500);
    return () => clearTimeout(timer);
  }, [row.version]);
  return glowing;
}

/** While a wider window loads, the rows that are already there stay. */
function useLastWhileLoading(rows: readonly Row[], loading: boolean): readonly Row[] {
  const last = useRef<readonly Row[]>(rows);
  if (!loading || rows.length > 0) last.current = rows;
  return last.current;
}

const isNumeric = (field: FieldMeta): boolean => field.type === 'decimal' || field.type === 'integer';

interface ColumnsLayout {
  readonly gridTemplateColumns: string;
  readonly minWidth: number;
}

const LEADING_WIDTH = 40;

/** The same columns for the header and every row, whatever they contain; narrower screens scroll sideways. */
function layoutOf(fields: readonly FieldMeta[], leading: boolean): ColumnsLayout {
  // The first column names the record: it gets the most.
  const widths = fields.map((field, i) => {
    const { min, share } = i === 0 && !isNumeric(field) ? { min: 220, share: 2 } : widthOf(field);
    return { min: Math.max(min, headerWidthOf(field)), share };
  });
  const columns = widths.map(({ min, share }) => `minmax(${min}px, ${share}fr)`);
  return {
    gridTemplateColumns: [...(leading ? [`${LEADING_WIDTH}px`] : []), ...columns].join(' '),
    minWidth: widths.reduce((sum, { min }) => sum + min, leading ? LEADING_WIDTH : 0),
  };
}

/** Roughly: the label in one line, its padding and the arrow of the order. */
const headerWidthOf = (field: FieldMeta): number => fieldLabel(field).length * 7 + 40;

function widthOf(field: FieldMeta): { readonly min: number; readonly share: number } {
  if (isNumeric(field) || field.type === 'boolean') return { min: 112, share: 0.6 };
  if (field.type === 'enumeration' || field.type === 'timestamp' || field.type === 'date') return { min: 120, share: 0.8 };
  return { min: 150, share: 1.4 };
}

function ListSkeleton() {
  return (
    <Box aria-hidden>
      {Array.from({ length: 12 }, (_, i) => <Skeleton key={i} height={20} my={14} radius="sm" />)}
    </Box>
  );
}
