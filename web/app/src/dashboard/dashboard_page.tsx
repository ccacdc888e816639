// The CRM dashboard: every figure is a live aggregate, every list a live query. A change anywhere moves what it affects here.
import '@mantine/charts/styles.css';
import type { DealStage } from '@syncline/client';
import { useDb, useQuery } from '@syncline/react';
import { BarChart } from '@mantine/charts';
import { Anchor, Card, Group, Table, Text, Title, VisuallyHidden } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { FieldView } from '../fields/field_view.tsx';
import { formatCompact, formatNumber } from '../fields/format.ts';
import { collectionNamed, fieldNamed, pathOf, titleOf } from '../fields/reference.ts';
import { useMay } from '../session/rights.ts';
import { isOverdue } from '../list/overdue.ts';
import { CHART_HEIGHT, ChartSkeleton, DashboardLayout, FigureSkeleton, LinesSkeleton } from './dashboard_layout.tsx';
import { daysFromToday, useToday } from './today.ts';

const PERIOD_DAYS = 30;
const UPCOMING_DAYS = 7;
const LISTED = 8;
/** Overdue tasks are named, the latest of them, but never instead of what is still to come. */
const OVERDUE_LISTED = 3;
/** Room for the longest bar's own label, "188.8M". */
const BAR_LABEL_WIDTH = 56;

export function DashboardPage() {
  const may = useMay();
  return (
    <DashboardLayout
      figures={<Figures />}
      charts={[may('read', 'deals') && <StageChart key="stages" />, may('read', 'leads') && <SourceChart key="sources" />]}
      lists={[may('read', 'activities') && <RecentActivities key="recent" />, may('read', 'tasks') && <UpcomingTasks key="upcoming" />]}
    />
  );
}

function Figures() {
  const { t } = useTranslation();
  const may = useMay();
  const db = useDb();
  const since = daysFromToday(useToday(), -PERIOD_DAYS);
  const soon = daysFromToday(useToday(), UPCOMING_DAYS);
  const leads = useQuery(useMemo(() => db.leads.where('createdAt', '>=', since).groupBy('status').count(), [db, since]));
  const stages = useQuery(useMemo(() => db.dealStages.orderBy('position'), [db]));
  const deals = useQuery(useMemo(() => db.deals.all().groupBy('stageId').count().sum('value'), [db]));
  const tasks = useQuery(useMemo(() => db.tasks.where('status', 'in', ['open', 'in_progress']).where('dueAt', '<=', soon).count(), [db, soon]));
  const activities = useQuery(useMemo(() => db.activities.where('at', '>=', since).count(), [db, since]));

  const created = leads.data.reduce((sum, row) => sum + row.count, 0);
  const converted = leads.data.find((row) => row.key === 'converted')?.count ?? 0;
  const valueOf = (kind: DealStage['kind']) => deals.data
    .filter((row) => stages.data.some((stage) => stage.id === row.key && stage.kind === kind))
    .reduce((sum, row) => sum + (row.sums['value'] ?? 0), 0);
  const figures = [
    { key: 'newLeads', of: 'leads', ready: leads.status, text: formatNumber(created) },
    { key: 'conversion', of: 'leads', ready: leads.status, text: created === 0 ? '–' : `${formatNumber((100 * converted) / created)} %` },
    { key: 'openValue', of: 'deals', ready: deals.status, text: formatCompact(valueOf('open')), exact: valueOf('open') },
    { key: 'wonValue', of: 'deals', ready: deals.status, text: formatCompact(valueOf('won')), exact: valueOf('won') },
    { key: 'tasksDue', of: 'tasks', ready: tasks.status, text: formatNumber(tasks.data[0]?.count ?? 0) },
    { key: 'activities', of: 'activities', ready: activities.status, text: formatNumber(activities.data[0]?.count ?? 0) },
  ];
  // What this role may not read would stand here as nothing.
  return figures.filter(({ of }) => may('read', of)).map(({ key, ready, text, exact }) => (
    <Card key={key} withBorder padding="sm" data-testid={`kpi-${key}`}>
      <Text size="xs" c="dimmed">{t(`dashboard.${key}`, { days: PERIOD_DAYS, soon: UPCOMING_DAYS })}</Text>
      {ready === 'loading'
        ? <FigureSkeleton />
        : <Text fz={24} fw={600} style={{ fontVariantNumeric: 'tabular-nums' }} title={exact === undefined ? undefined : formatNumber(exact, 2)}>{text}</Text>}
    </Card>
  ));
}

interface ChartProps {
  readonly title: string;
  readonly rows: readonly { readonly name: string; readonly value: number; readonly color: string }[];
  readonly loading: boolean;
  readonly unit: string;
}

function ChartCard({ title, rows, loading, unit }: ChartProps) {
  const { t } = useTranslation();
  return (
    <Card withBorder padding="md" h="100%">
      <Title order={3} mb="sm">{title}</Title>
      {loading && <ChartSkeleton />}
      {!loading && rows.length === 0 && <Text c="dimmed" size="sm">{t('dashboard.noData')}</Text>}
      {!loading && rows.length > 0 && (
        <>
          <BarChart
            h={CHART_HEIGHT} data={rows.map(({ name, value, color }) => ({ name, value, color }))} dataKey="name" orientation="vertical" gridAxis="none"
            withXAxis={false} yAxisProps={{ width: 110 }} series={[{ name: 'value', label: unit, color: 'accent.6' }]} valueFormatter={formatCompact}
            barChartProps={{ margin: { right: BAR_LABEL_WIDTH } }} withBarValueLabel barProps={{ radius: 3, isAnimationActive: false }} aria-hidden
          />
          <VisuallyHidden>
            <Table><Table.Tbody>{rows.map((row) => <Table.Tr key={row.name}><Table.Td>{row.name}</Table.Td><Table.Td>{formatNumber(row.value)}</Table.Td></Table.Tr>)}</Table.Tbody></Table>
          </VisuallyHidden>
        </>
      )}
    </Card>
  );
}

function StageChart() {
  const { t } = useTranslation();
  const db = useDb();
  const stages = useQuery(useMemo(() => db.dealStages.orderBy('position'), [db]));
  const deals = useQuery(useMemo(() => db.deals.all().groupBy('stageId').count().sum('value'), [db]));
  const rows = stages.data.map((stage) => ({
    name: stage.name, color: stage.color ?? 'gray', value: deals.data.find((row) => row.key === stage.id)?.sums['value'] ?? 0,
  }));
  return <ChartCard title={t('dashboard.byStage')} rows={rows} loading={stages.status === 'loading' || deals.status === 'loading'} unit={t('dashboard.value')} />;
}

function SourceChart() {
  const { t } = useTranslation();
  const db = useDb();
  const sources = useQuery(useMemo(() => db.leadSources.orderBy('position'), [db]));
  const leads = useQuery(useMemo(() => db.leads.all().groupBy('sourceId').count(), [db]));
  const rows = sources.data.map((source) => ({
    name: source.name, color: source.color ?? 'gray', value: leads.data.find((row) => row.key === source.id)?.count ?? 0,
  }));
  return <ChartCard title={t('dashboard.bySource')} rows={rows} loading={sources.status === 'loading' || leads.status === 'loading'} unit={t('lists.leads')} />;
}

function RecentActivities() {
  const { t } = useTranslation();
  const db = useDb();
  const { data, status } = useQuery(useMemo(() => db.activities.orderBy('at', 'desc').include('user').limit(LISTED), [db]));
  return (
    <ListCard title={t('dashboard.recent')} more="/activities" loading={status === 'loading'} empty={data.length === 0}>
      {data.map((activity) => (
        <Group key={activity.id} justify="space-between" wrap="nowrap" gap="md" py={4}>
          <Anchor component={Link} to={pathOf('activities', activity.id) ?? '/'} size="sm" truncate c="var(--mantine-color-text)">{activity.subject}</Anchor>
          <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
            {activity.user ? `${titleOf(collectionNamed('users'), activity.user as never)} · ` : ''}
            <FieldView collection={collectionNamed('activities')} field={fieldNamed(collectionNamed('activities'), 'at')} row={activity as never} plain />
          </Text>
        </Group>
      ))}
    </ListCard>
  );
}

function UpcomingTasks() {
  const { t } = useTranslation();
  const db = useDb();
  const today = useToday();
  const open = useMemo(() => db.tasks.where('status', 'in', ['open', 'in_progress']), [db]);
  const overdue = useQuery(useMemo(() => open.where('dueAt', '<', today).orderBy('dueAt', 'desc').limit(OVERDUE_LISTED), [open, today]));
  const upcoming = useQuery(useMemo(
    () => open.where('dueAt', '>=', today).where('dueAt', '<=', daysFromToday(today, UPCOMING_DAYS)).orderBy('dueAt').limit(LISTED), [open, today],
  ));
  const tasks = [...overdue.data, ...upcoming.data].slice(0, LISTED);
  const loading = overdue.status === 'loading' || upcoming.status === 'loading';
  return (
    <ListCard title={t('dashboard.upcoming')} more="/tasks" loading={loading} empty={tasks.length === 0}>
      {tasks.map((task) => (
        <Group key={task.id} justify="space-between" wrap="nowrap" gap="md" py={4}>
          <Anchor component={Link} to={pathOf('tasks', task.id) ?? '/'} size="sm" truncate c="var(--mantine-color-text)">{task.title}</Anchor>
          <Text size="xs" c={isOverdue(task.status, task.dueAt) ? 'red' : 'dimmed'} style={{ whiteSpace: 'nowrap' }}>
            {isOverdue(task.status, task.dueAt) ? `${t('list.overdue')} · ` : ''}
            <FieldView collection={collectionNamed('tasks')} field={fieldNamed(collectionNamed('tasks'), 'dueAt')} row={task as never} plain />
          </Text>
        </Group>
      ))}
    </ListCard>
  );
}

interface ListCardProps {
  readonly title: string;
  readonly more: string;
  readonly loading: boolean;
  readonly empty: boolean;
  readonly children: ReactNode;
}

function ListCard({ title, more, loading, empty, children }: ListCardProps) {
  const { t } = useTranslation();
  return (
    <Card withBorder padding="md" h="100%">
      <Group justify="space-between" mb="xs">
        <Title order={3}>{title}</Title>
        <Anchor component={Link} to={more} size="xs">{t('dashboard.all')}</Anchor>
      </Group>
      {loading ? <LinesSkeleton /> : children}
      {!loading && empty && <Text c="dimmed" size="sm">{t('dashboard.noData')}</Text>}
    </Card>
  );
}
