// The shape of the dashboard, and that shape while its code and charts are still on their way (they are not part of the
// first download).
import { Card, Grid, ScrollArea, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DASH } from '../fields/format.ts';
import { Page } from '../frame/page.tsx';
import { useOffline, Waiting } from '../frame/waiting.tsx';

export const CHART_HEIGHT = 220;
const FIGURES = 6;
const LINES = 5;

interface DashboardLayoutProps {
  readonly figures: ReactNode;
  readonly charts: readonly [ReactNode, ReactNode];
  readonly lists: readonly [ReactNode, ReactNode];
}

export function DashboardLayout({ figures, charts, lists }: DashboardLayoutProps) {
  const { t } = useTranslation();
  return (
    <Page title={t('nav.dashboard')}>
      <ScrollArea flex={1} mih={0}>
        <Stack p="md" gap="md" maw={1400}>
          <SimpleGrid cols={{ base: 2, sm: 3, xl: FIGURES }} spacing="sm">{figures}</SimpleGrid>
          <Grid>
            {charts[0] && <Grid.Col span={{ base: 12, lg: 7 }}>{charts[0]}</Grid.Col>}
            {charts[1] && <Grid.Col span={{ base: 12, lg: 5 }}>{charts[1]}</Grid.Col>}
            {lists[0] && <Grid.Col span={{ base: 12, md: 6 }}>{lists[0]}</Grid.Col>}
            {lists[1] && <Grid.Col span={{ base: 12, md: 6 }}>{lists[1]}</Grid.Col>}
          </Grid>
        </Stack>
      </ScrollArea>
    </Page>
  );
}

export function FigureSkeleton() {
  return useOffline() ? <Text fz={24} c="dimmed">{DASH}</Text> : <Skeleton h={28} mt={4} w={80} />;
}
export function LinesSkeleton() {
  return <Waiting skeleton={Array.from({ length: LINES }, (_, i) => <Skeleton key={i} h={18} my={8} />)} />;
}
export function ChartSkeleton() {
  return <Waiting skeleton={<Skeleton h={CHART_HEIGHT} />} />;
}

export function DashboardSkeleton() {
  const card = (content: ReactNode) => <Card withBorder padding="md" h="100%"><Skeleton h={18} w={140} mb="sm" />{content}</Card>;
  const figures = Array.from({ length: FIGURES }, (_, i) => <Card key={i} withBorder padding="sm"><Skeleton h={12} w={110} /><FigureSkeleton /></Card>);
  return (
    <div style={{ height: '100%' }} aria-busy="true" data-testid="dashboard-skeleton">
      <DashboardLayout
        figures={figures}
        charts={[card(<ChartSkeleton />), card(<ChartSkeleton />)]}
        lists={[card(<LinesSkeleton />), card(<LinesSkeleton />)]}
      />
    </div>
  );
}
