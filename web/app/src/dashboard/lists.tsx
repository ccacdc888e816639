// What has just happened, and what is to be done next.
import type { Activity, Task } from '@syncline/client';
import { crmQueries } from '@syncline/client/crm';
import { useDb, useQuery } from '@syncline/react';
import { Anchor, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { FieldView } from '../fields/field_view.tsx';
import { collectionNamed, fieldNamed, pathOf, titleOf } from '../fields/reference.ts';
import { isOverdue } from '../list/overdue.ts';
import { LinesSkeleton, Panel } from './dashboard_layout.tsx';
import { daysFromToday, useToday } from './today.ts';

const UPCOMING_DAYS = 7;
const LISTED = 8;
/** Overdue tasks are named, the latest of them, but never instead of what is still to come. */
const OVERDUE_LISTED = 3;

export function RecentPanel() {
  const { t } = useTranslation();
  const db = useDb();
  const { data, status } = useQuery(useMemo(() => db.activities.orderBy('at', 'desc').include('user').limit(LISTED), [db]));
  return (
    <ListPanel title={t('dashboard.recent')} testid="recent" more="/activities" loading={status === 'loading'} empty={data.length === 0 && t('dashboard.noActivities')}>
      {data.map((activity: Activity) => (
        <Line key={activity.id} to={pathOf('activities', activity.id)} title={activity.subject}>
          {activity.user ? `${titleOf(collectionNamed('users'), activity.user as never)} · ` : ''}
          <FieldView collection={collectionNamed('activities')} field={fieldNamed(collectionNamed('activities'), 'at')} row={activity as never} plain />
        </Line>
      ))}
    </ListPanel>
  );
}

export function UpcomingPanel() {
  const { t } = useTranslation();
  const today = useToday();
  const open = useMemo(() => crmQueries.unfinishedTasks(), []);
  const overdue = useQuery(useMemo(() => open.where('dueAt', '<', today).orderBy('dueAt', 'desc').limit(OVERDUE_LISTED), [open, today]));
  const upcoming = useQuery(useMemo(
    () => open.where('dueAt', '>=', today).where('dueAt', '<', daysFromToday(today, UPCOMING_DAYS)).orderBy('dueAt').limit(LISTED), [open, today],
  ));
  const tasks = [...overdue.data, ...upcoming.data].slice(0, LISTED);
  const loading = overdue.status === 'loading' || upcoming.status === 'loading';
  return (
    <ListPanel title={t('dashboard.upcoming', { days: UPCOMING_DAYS })} testid="upcoming" more="/tasks" loading={loading} empty={tasks.length === 0 && t('dashboard.noTasks')}>
      {tasks.map((task: Task) => (
        <Line key={task.id} to={pathOf('tasks', task.id)} title={task.title} alarming={isOverdue(task.status, task.dueAt)}>
          {isOverdue(task.status, task.dueAt) ? `${t('list.overdue')} · ` : ''}
          <FieldView collection={collectionNamed('tasks')} field={fieldNamed(collectionNamed('tasks'), 'dueAt')} row={task as never} plain />
        </Line>
      ))}
    </ListPanel>
  );
}

interface LineProps {
  readonly to: string | null;
  readonly title: string;
  readonly alarming?: boolean;
  readonly children: ReactNode;
}

function Line({ to, title, alarming = false, children }: LineProps) {
  return (
    <Group justify="space-between" wrap="nowrap" gap="md" h={32}>
      <Anchor component={Link} to={to ?? '/'} size="sm" truncate c="var(--mantine-color-text)" title={title}>{title}</Anchor>
      <Text size="xs" c={alarming ? 'red' : 'dimmed'} style={{ whiteSpace: 'nowrap' }}>{children}</Text>
    </Group>
  );
}

interface ListPanelProps {
  readonly title: string;
  readonly testid: string;
  readonly more: string;
  readonly loading: boolean;
  /** What to say instead of the lines. */
  readonly empty: string | false;
  readonly children: ReactNode;
}

function ListPanel({ title, testid, more, loading, empty, children }: ListPanelProps) {
  const { t } = useTranslation();
  const lines = empty ? <Text c="dimmed" size="sm">{empty}</Text> : children;
  return (
    <Panel title={title} testid={testid} aside={<Anchor component={Link} to={more} size="xs" style={{ whiteSpace: 'nowrap' }}>{t('dashboard.all')}</Anchor>}>
      {loading ? <LinesSkeleton /> : lines}
    </Panel>
  );
}
