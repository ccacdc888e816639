// The cards with one figure each. Every card watches its own queries: a change moves the cards that it concerns and no others.
import type { AggregateRow, DealStage, Query } from '@syncline/client';
import { crmQueries, type Periods } from '@syncline/client/crm';
import { useQuery } from '@syncline/react';
import { Card, Text, Tooltip, VisuallyHidden } from '@mantine/core';
import {
  IconActivity, IconArrowDown, IconArrowUp, IconCash, IconChartFunnel, type IconProps, IconChecklist, IconPercentage, IconTrophy, IconUserPlus,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { DASH, formatCompact, formatNumber } from '../fields/format.ts';
import { useMay } from '../session/rights.ts';
import classes from './dashboard.module.css';
import { FigureSkeleton } from './dashboard_layout.tsx';
import { addMoney, changeOf, countsOf, type Figure, type Rows, share, valueOf, valueOfKind } from './figures.ts';

/** null: not known yet. */
type Reading = Figure | null;

/** The figure of these queries, once all of them have answered. */
function useFigure(queries: readonly Query<AggregateRow>[], read: (...rows: readonly Rows[]) => Figure): Reading {
  // As many queries each time: a kind of card always asks the same.
  const results = queries.map((query) => useQuery(query));
  if (results.some(({ status }) => status === 'loading')) return null;
  return read(...results.map(({ data }) => data));
}

/** Of queries by stage. */
function useDealFigure(queries: readonly Query<AggregateRow>[], read: (stages: readonly DealStage[], ...rows: readonly Rows[]) => Figure): Reading {
  const { data, status } = useQuery(crmQueries.stages());
  const figure = useFigure(queries, (...rows) => read(data, ...rows));
  return status === 'loading' ? null : figure;
}

interface Kind {
  readonly key: string;
  /** Shown to those who may read it: what one may not read would stand here as nothing. */
  readonly of: string;
  readonly icon: ComponentType<IconProps>;
  readonly shows: 'count' | 'money' | 'share';
  readonly lessIsBetter?: boolean;
  readonly use: (periods: Periods) => Reading;
}

const KINDS: readonly Kind[] = [
  {
    key: 'newLeads', of: 'leads', icon: IconUserPlus, shows: 'count',
    use: (periods) => useFigure([crmQueries.newLeads(periods)], (leads) => countsOf(leads!)),
  },
  {
    key: 'conversion', of: 'leads', icon: IconPercentage, shows: 'share',
    use: (periods) => useFigure(
      [crmQueries.newLeads(periods), crmQueries.convertedLeads(periods), crmQueries.convertedLeadsBefore(periods)],
      (leads, converted, before) => {
        const all = countsOf(leads!);
        return { now: share(countsOf(converted!).now!, all.now!), before: share(countsOf(before!).now!, all.before!) };
      },
    ),
  },
  {
    key: 'openValue', of: 'deals', icon: IconChartFunnel, shows: 'money',
    use: (periods) => useDealFigure(
      [crmQueries.dealsByStage(), crmQueries.openDealsSince(periods), crmQueries.openDealsClosedSince(periods)],
      (stages, deals, since, closedSince) => {
        const now = valueOfKind(stages, deals!, 'open');
        return { now, before: addMoney(now, -valueOfKind(stages, since!, 'open'), valueOf(closedSince![0])) };
      },
    ),
  },
  {
    key: 'wonValue', of: 'deals', icon: IconTrophy, shows: 'money',
    use: (periods) => useDealFigure([crmQueries.dealsByStage(), crmQueries.wonDealsSince(periods)], (stages, deals, since) => {
      const now = valueOfKind(stages, deals!, 'won');
      return { now, before: addMoney(now, -valueOfKind(stages, since!, 'won')) };
    }),
  },
  {
    key: 'revenue', of: 'deals', icon: IconCash, shows: 'money',
    use: (periods) => useDealFigure([crmQueries.closedDeals(periods)], (stages, deals) => ({
      now: valueOfKind(stages, deals!, 'won'), before: valueOfKind(stages, deals!, 'won', true),
    })),
  },
  {
    key: 'tasksDue', of: 'tasks', icon: IconChecklist, shows: 'count', lessIsBetter: true,
    use: (periods) => useFigure(
      [crmQueries.tasksDue(periods), crmQueries.tasksDueBefore(periods)],
      (due, before) => ({ now: countsOf(due!).now, before: countsOf(before!).now }),
    ),
  },
  {
    key: 'activities', of: 'activities', icon: IconActivity, shows: 'count',
    use: (periods) => useFigure([crmQueries.activities(periods)], (activities) => countsOf(activities!)),
  },
];

const PERCENT = 100;
const SHARE_DIGITS = 1;

function textOf(value: number | null, { shows }: Kind): string {
  if (value === null) return DASH;
  if (shows === 'share') return `${formatNumber(PERCENT * value, SHARE_DIGITS)} %`;
  return shows === 'money' ? formatCompact(value) : formatNumber(value);
}

export function FigureCards({ periods }: { readonly periods: Periods }) {
  const may = useMay();
  return KINDS.filter(({ of }) => may('read', of)).map((kind) => <FigureCard key={kind.key} kind={kind} periods={periods} />);
}

function FigureCard({ kind, periods }: { readonly kind: Kind; readonly periods: Periods }) {
  const { t } = useTranslation();
  const figure = kind.use(periods);
  const { icon: Icon } = kind;
  return (
    <Card withBorder padding="sm" data-testid={`kpi-${kind.key}`} data-now={figure?.now ?? undefined} data-before={figure?.before ?? undefined}>
      <Tooltip label={t(`dashboard.meaning.${kind.key}`)} multiline maw={260} openDelay={400}>
        <div className={classes['label']}>
          <Icon size={16} aria-hidden />
          <Text size="xs" truncate>{t(`dashboard.${kind.key}`)}</Text>
        </div>
      </Tooltip>
      {figure === null ? <FigureSkeleton /> : (
        <>
          <div className={classes['value']} title={kind.shows === 'money' && figure.now !== null ? formatNumber(figure.now, 2) : undefined}>{textOf(figure.now, kind)}</div>
          <ChangeLine figure={figure} kind={kind} />
        </>
      )}
    </Card>
  );
}

/** "↑ 12 % was 18": what an eye reads; a screen reader hears a sentence instead. */
function ChangeLine({ figure, kind }: { readonly figure: Figure; readonly kind: Kind }) {
  const { t } = useTranslation();
  const change = changeOf(figure, kind.shows === 'share');
  const was = textOf(figure.before, kind);
  if (change === null) return <div className={classes['change']}><Text span inherit c="dimmed">{t('dashboard.noPrevious')}</Text></div>;
  if (change.direction === 'same') return <div className={classes['change']}><Text span inherit c="dimmed">{t('dashboard.unchanged')}</Text></div>;
  const rising = change.direction === 'up';
  const percent = `${formatNumber(PERCENT * change.size)} %`;
  const points = formatNumber(PERCENT * change.size, SHARE_DIGITS);
  const isShare = kind.shows === 'share';
  const Arrow = rising ? IconArrowUp : IconArrowDown;
  return (
    <div className={classes['change']}>
      <VisuallyHidden>{t(rising ? 'dashboard.up' : 'dashboard.down', { change: isShare ? t('dashboard.pointsSpoken', { points }) : percent, value: was })}</VisuallyHidden>
      <span className={classes['size']} data-good={rising !== (kind.lessIsBetter ?? false)} aria-hidden><Arrow size={14} stroke={2.5} />{isShare ? t('dashboard.points', { points }) : percent}</span>
      <Text span inherit c="dimmed" aria-hidden>{t('dashboard.was', { value: was })}</Text>
    </div>
  );
}
