import type { Deal, DealStage } from '@syncline/client';
import { useDb, useQuery } from '@syncline/react';
import { useDndContext, useDroppable } from '@dnd-kit/core';
import { SortableContext, verticalListSortingStrategy } from '@dnd-kit/sortable';
import { Button, Group, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatCompact, formatNumber } from '../fields/format.ts';
import type { DropPlace } from './board_page.tsx';
import classes from './board.module.css';
import { SortableDeal } from './deal_card.tsx';

const FIRST = 40;

export interface StageTotal {
  readonly count: number;
  readonly value: number;
}

export function StageColumn({ stage, total }: { readonly stage: DealStage; readonly total: StageTotal | undefined }) {
  const { t } = useTranslation();
  const db = useDb();
  const [limit, setLimit] = useState(FIRST);
  const query = useMemo(
    () => db.deals.where('stageId', '=', stage.id).orderBy('position').include('company').limit(limit), [db, stage.id, limit],
  );
  const { data } = useQuery(query);
  const { over, active } = useDndContext();
  const { setNodeRef, isOver } = useDroppable({ id: `stage:${stage.id}`, data: { stageId: stage.id, deals: data } });
  const ids = useMemo(() => data.map((deal: Deal) => deal.id), [data]);
  const place = over?.data.current as DropPlace | undefined;
  const foreign = (active?.data.current as DropPlace | undefined)?.stageId !== stage.id;
  const count = total?.count ?? 0;

  return (
    <section className={classes['column']} data-over={(active && place?.stageId === stage.id) || undefined} data-testid={`board-column-${stage.id}`} aria-label={stage.name}>
      <header className={classes['columnHeader']}>
        <span className={classes['dot']} style={{ background: stage.color ?? 'var(--mantine-color-gray-5)' }} />
        <Text fw={600} size="sm" truncate flex={1}>{stage.name}</Text>
        <Text size="xs" c="dimmed" data-testid={`board-count-${stage.id}`}>{formatNumber(count)}</Text>
      </header>
      <Text size="xs" c="dimmed" px={12} pb={8} title={formatNumber(total?.value ?? 0, 2)} data-testid={`board-sum-${stage.id}`} data-value={total?.value ?? 0}>
        {formatCompact(total?.value ?? 0)}
      </Text>
      <div ref={setNodeRef} className={classes['cards']}>
        <SortableContext items={ids} strategy={verticalListSortingStrategy}>
          {data.map((deal: Deal) => <SortableDeal key={deal.id} deal={deal} deals={data} kind={stage.kind} />)}
        </SortableContext>
        {isOver && foreign && <div className={classes['mark']} data-testid="insertion-mark" />}
        {data.length >= limit && count > limit && (
          <Group justify="center"><Button size="compact-xs" variant="subtle" onClick={() => setLimit(limit + FIRST)}>{t('board.more', { count: count - limit })}</Button></Group>
        )}
      </div>
    </section>
  );
}
