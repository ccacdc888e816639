// The shape of the dashboard, and that shape while its code and charts are still on their way (they are not part of the
// first download).
import { Card, Grid, Group, ScrollArea, SegmentedControl, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DASH } from '../fields/format.ts';
import { Page } from '../frame/page.tsx';
import { useOffline, Waiting } from '../frame/waiting.tsx';
import classes from './dashboard.module.css';
import { type Days, daysOf, PERIODS, searchOf } from './period.ts';

export const CHART_HEIGHT = 200;
const FIGURES = 7;
const LINES = 8;
const STATUSES = 5;

/** The days that the address names. */
export function useDays(): Days {
  return daysOf(useSearch({ strict: false }) as Record<string, unknown>);
}

function PeriodSwitch() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <SegmentedControl
      size="xs" aria-label={t('dashboard.period')} value={String(useDays())} data-testid="period"
      data={PERIODS.map((days) => ({ value: String(days), label: t('dashboard.days', { days }) }))}
      onChange={(value) => void navigate({ to: '/', search: searchOf(Number(value) as Days) as never, replace: true })}
    />
  );
}

interface DashboardLayoutProps {
  readonly figures: ReactNode;
  /** Pipeline, leads by source, leads by status, recent activities, tasks to come; false: not for this role. */
  readonly cards: readonly [ReactNode, ReactNode, ReactNode, ReactNode, ReactNode];
}

const SPANS = [{ base: 12, lg: 7 }, { base: 12, lg: 5 }, { base: 12, lg: 4 }, { base: 12, sm: 6, lg: 4 }, { base: 12, sm: 6, lg: 4 }];

export function DashboardLayout({ figures, cards }: DashboardLayoutProps) {
  const { t } = useTranslation();
  return (
    <Page title={t('nav.dashboard')} actions={<PeriodSwitch />}>
      <ScrollArea flex={1} mih={0}>
        <Stack p="md" gap="md" maw={1400}>
          <Text size="xs" c="dimmed" mb={-8}>{t('dashboard.compared', { days: useDays() })}</Text>
          <div className={classes['figures']}>{figures}</div>
          <Grid gap="md">
            {cards.map((card, i) => card && <Grid.Col key={i} span={SPANS[i]!}>{card}</Grid.Col>)}
          </Grid>
        </Stack>
      </ScrollArea>
    </Page>
  );
}

interface PanelProps {
  readonly title: string;
  /** At the right of the title. */
  readonly aside?: ReactNode;
  readonly testid: string;
  readonly children: ReactNode;
}

export function Panel({ title, aside, testid, children }: PanelProps) {
  return (
    <Card withBorder padding="md" h="100%" data-testid={testid}>
      <Group justify="space-between" wrap="nowrap" gap="md" mb="sm">
        <Title order={3}>{title}</Title>
        {aside}
      </Group>
      {children}
    </Card>
  );
}

export function FigureSkeleton() {
  return (
    <>
      <div className={classes['value']}>{useOffline() ? <Text span inherit c="dimmed">{DASH}</Text> : <Skeleton h={24} w={80} mt={5} />}</div>
      <div className={classes['change']} />
    </>
  );
}
export function LinesSkeleton({ lines = LINES }: { readonly lines?: number }) {
  return <Waiting skeleton={Array.from({ length: lines }, (_, i) => <Skeleton key={i} h={14} my={9} />)} />;
}
export function ChartSkeleton() {
  return <Waiting skeleton={<><Skeleton h={CHART_HEIGHT} mb="md" />{Array.from({ length: LINES }, (_, i) => <Skeleton key={i} h={14} my={8} />)}</>} />;
}

export function DashboardSkeleton() {
  const card = (content: ReactNode) => <Card withBorder padding="md" h="100%"><Skeleton h={21} w={140} mb="sm" />{content}</Card>;
  const figures = Array.from({ length: FIGURES }, (_, i) => <Card key={i} withBorder padding="sm"><Skeleton h={12} w={90} my={5} /><FigureSkeleton /></Card>);
  return (
    <div style={{ height: '100%' }} aria-busy="true" data-testid="dashboard-skeleton">
      <DashboardLayout
        figures={figures}
        cards={[card(<ChartSkeleton />), card(<ChartSkeleton />), card(<LinesSkeleton lines={STATUSES} />), card(<LinesSkeleton />), card(<LinesSkeleton />)]}
      />
    </div>
  );
}
