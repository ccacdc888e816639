import type { Deal } from '@syncline/client';
import { useSortable } from '@dnd-kit/sortable';
import { CSS } from '@dnd-kit/utilities';
import { Group, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { memo } from 'react';
import { DASH, formatDate, formatNumber } from '../fields/format.ts';
import classes from './board.module.css';

export function DealCard({ deal, lifted = false }: { readonly deal: Deal; readonly lifted?: boolean }) {
  return (
    <div className={classes['card']} data-lifted={lifted || undefined} data-pending={deal.$pending || undefined}>
      <Text size="sm" fw={500} lineClamp={2}>{deal.name}</Text>
      <Text size="xs" c="dimmed" truncate>{deal.company?.name ?? DASH}</Text>
      <Group justify="space-between" mt={4}>
        <Text size="sm" style={{ fontVariantNumeric: 'tabular-nums' }}>{deal.value === null ? DASH : formatNumber(deal.value)}</Text>
        {deal.expectedCloseOn && <Text size="xs" c="dimmed">{formatDate(deal.expectedCloseOn)}</Text>}
      </Group>
    </div>
  );
}

export const SortableDeal = memo(function SortableDeal({ deal, deals }: { readonly deal: Deal; readonly deals: readonly Deal[] }) {
  const navigate = useNavigate();
  const { attributes, listeners, setNodeRef, transform, transition, isDragging } = useSortable({
    id: deal.id, data: { deal, stageId: deal.stageId, deals },
  });
  const style = { transform: CSS.Translate.toString(transform), transition, opacity: isDragging ? 0.4 : 1 };
  return (
    <div
      ref={setNodeRef} style={style} {...attributes} {...listeners} data-testid={`board-card-${deal.id}`}
      onClick={() => void navigate({ to: '/deals/$id', params: { id: deal.id } })}
    >
      <DealCard deal={deal} />
    </div>
  );
});
