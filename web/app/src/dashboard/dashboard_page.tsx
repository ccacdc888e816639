// The CRM dashboard: every figure is a live aggregate of the server's, every list a live query. What the figures are is
// written once, in shared/domain/crm/metrics.hpp.
import { useMemo } from 'react';
import { useMay } from '../session/rights.ts';
import { PipelinePanel, SourcesPanel, StatusPanel } from './charts.tsx';
import { DashboardLayout, useDays } from './dashboard_layout.tsx';
import { FigureCards } from './figure_cards.tsx';
import { RecentPanel, UpcomingPanel } from './lists.tsx';
import { periodsOf } from './period.ts';
import { useToday } from './today.ts';

export function DashboardPage() {
  const may = useMay();
  const today = useToday();
  const days = useDays();
  const periods = useMemo(() => periodsOf(today, days), [today, days]);
  return (
    <DashboardLayout
      figures={<FigureCards periods={periods} />}
      cards={[
        may('read', 'deals') && <PipelinePanel />,
        may('read', 'leads') && <SourcesPanel />,
        may('read', 'leads') && <StatusPanel />,
        may('read', 'activities') && <RecentPanel />,
        may('read', 'tasks') && <UpcomingPanel />,
      ]}
    />
  );
}
