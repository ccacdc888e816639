// The pipeline: a column per stage, live for everyone. Counts and sums come from one live aggregate; a column holds only the
// cards that are asked for, so 8,800 deals cost what is on the screen.
import type { Deal, DealStage } from '@syncline/client';
import { useDb, useQuery } from '@syncline/react';
import {
  closestCorners, DndContext, type DragEndEvent, DragOverlay, type DragStartEvent, KeyboardSensor, PointerSensor, useSensor, useSensors,
} from '@dnd-kit/core';
import { sortableKeyboardCoordinates } from '@dnd-kit/sortable';
import { Button, Group, Skeleton, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Page } from '../frame/page.tsx';
import { useLater } from '../frame/use_later.ts';
import { useRefusal } from '../frame/use_refusal.ts';
import { Waiting } from '../frame/waiting.tsx';
import { useMay } from '../session/rights.ts';
import { NewRecord } from '../record/new_record.tsx';
import { collectionNamed } from '../fields/reference.ts';
import classes from './board.module.css';
import { DealCard } from './deal_card.tsx';
import { StageColumn, type StageTotal } from './stage_column.tsx';
import { positionBetween } from './position.ts';

const SUGGESTED = ['value', 'stageId', 'companyId', 'ownerId', 'expectedCloseOn'];

/** What a card or column tells when something is dropped on it. */
export interface DropPlace {
  readonly stageId: string;
  readonly deals: readonly Deal[];
}

export function BoardPage() {
  const { t } = useTranslation();
  const db = useDb();
  const refusal = useRefusal();
  const stages = useQuery(useMemo(() => db.dealStages.orderBy('position'), [db]));
  const totals = useQuery(useMemo(() => db.deals.all().groupBy('stageId').count().sum('value'), [db]));
  const byStage = useMemo(() => new Map(totals.data.map((row): [string, StageTotal] => [
    String(row.key), { count: row.count, value: row.sums['value'] ?? 0 },
  ])), [totals.data]);
  const [dragged, setDragged] = useState<Deal | null>(null);
  const may = useMay();
  const [creating, setCreating] = useState(false);
  const late = useLater(stages.status === 'loading' && stages.data.length === 0, 100);
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 5 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );

  const kindOf = (deal: Deal) => stages.data.find(({ id }) => id === deal.stageId)?.kind ?? 'open';
  const onDragStart = ({ active }: DragStartEvent) => setDragged((active.data.current as { deal: Deal }).deal);
  const onDragEnd = ({ active, over }: DragEndEvent) => {
    setDragged(null);
    const place = over?.data.current as (DropPlace & { deal?: Deal }) | undefined;
    const deal = (active.data.current as { deal: Deal }).deal;
    if (!place || over?.id === active.id) return;
    const position = positionBetween(place.deals, deal, place.deal ?? null);
    if (place.stageId === deal.stageId && position === deal.position) return;
    refusal.watch(() => db.mutate('crm.deal.move', { id: deal.id, stageId: place.stageId, position }));
  };

  return (
    <Page
      title={t('nav.pipeline')}
      actions={may('create', 'deals') && <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setCreating(true)} data-testid="new-record">{t('record.newShort', { what: t('board.deal') })}</Button>}
    >
      <DndContext sensors={sensors} collisionDetection={closestCorners} onDragStart={onDragStart} onDragEnd={onDragEnd} onDragCancel={() => setDragged(null)}>
        <div className={classes['board']} data-testid="board">
          {stages.data.map((stage: DealStage) => <StageColumn key={stage.id} stage={stage} total={byStage.get(stage.id)} />)}
          {late && <Group align="stretch" p="md"><Waiting skeleton={[1, 2, 3, 4].map((i) => <Skeleton key={i} w={260} h={400} />)} /></Group>}
          {stages.status === 'complete' && stages.data.length === 0 && <Text c="dimmed" p="md">{t('board.noStages')}</Text>}
        </div>
        <DragOverlay>{dragged && <DealCard deal={dragged} kind={kindOf(dragged)} lifted />}</DragOverlay>
      </DndContext>
      <NewRecord collection={collectionNamed('deals')} suggested={SUGGESTED} opened={creating} onClose={() => setCreating(false)} />
    </Page>
  );
}
