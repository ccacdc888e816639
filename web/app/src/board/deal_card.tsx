import type { Deal, DealStage } from '@syncline/client';
import { useSortable } from '@dnd-kit/sortable';
import { CSS } from '@dnd-kit/utilities';
import { Group, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { DASH, formatDate, formatNumber } from '../fields/format.ts';
import { useMay } from '../session/rights.ts';
import classes from './board.module.css';

interface DealCardProps {
  readonly deal: Deal;
  /** Of the stage that it stands in. */
  readonly kind: DealStage['kind'];
  readonly lifted?: boolean;
}

export function DealCard({ deal, kind, lifted = false }: DealCardProps) {
  const { t } = useTranslation();
  const date = kind === 'open' ? deal.expectedCloseOn : deal.closedOn;
  return (
    <div className={classes['card']} data-lifted={lifted || undefined} data-pending={deal.$pending || undefined}>
      <Text size="sm" fw={500} lineClamp={2}>{deal.name}</Text>
      <Text size="xs" c="dimmed" truncate>{deal.company?.name ?? DASH}</Text>
      <Group justify="space-between" gap="0 8px" mt={4}>
        <Text size="sm" style={{ fontVariantNumeric: 'tabular-nums' }}>{deal.value === null ? DASH : formatNumber(deal.value)}</Text>
        {date && <Text size="xs" c="dimmed">{kind === 'open' ? formatDate(date) : t('board.closed', { date: formatDate(date) })}</Text>}
      </Group>
    </div>
  );
}

interface SortableDealProps extends DealCardProps {
  readonly deals: readonly Deal[];
}

export const SortableDeal = memo(function SortableDeal({ deal, deals, kind }: SortableDealProps) {
  const may = useMay();
  const navigate = useNavigate();
  const { attributes, listeners, setNodeRef, transform, transition, isDragging, isOver, active } = useSortable({
    id: deal.id, disabled: !may('act', 'deals'), data: { deal, stageId: deal.stageId, deals },
  });
  // A card from another column lands before this one; within a column the cards make room themselves.
  const landsHere = isOver && (active?.data.current as { stageId?: string } | undefined)?.stageId !== deal.stageId;
  const style = { transform: CSS.Translate.toString(transform), transition, opacity: isDragging ? 0.4 : 1 };
  return (
    <div
      ref={setNodeRef} className={classes['place']} style={style} {...attributes} {...listeners} data-testid={`board-card-${deal.id}`}
      onClick={() => void navigate({ to: '/deals/$id', params: { id: deal.id } })}
    >
      {landsHere && <div className={classes['mark']} data-testid="insertion-mark" />}
      <DealCard deal={deal} kind={kind} />
    </div>
  );
});
