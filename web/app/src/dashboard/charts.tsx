// Where the pipeline's value is, and where leads come from: a chart each, and under it the same as a table.
import '@mantine/charts/styles.css';
import { crmQueries } from '@syncline/client/crm';
import { useQuery } from '@syncline/react';
import { BarChart } from '@mantine/charts';
import { Anchor, Text, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Fragment, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { colorOfOption } from '../fields/colors.ts';
import { DASH, formatCompact, formatNumber, labelOf } from '../fields/format.ts';
import { collectionNamed, fieldNamed } from '../fields/reference.ts';
import classes from './dashboard.module.css';
import { CHART_HEIGHT, ChartSkeleton, LinesSkeleton, Panel } from './dashboard_layout.tsx';
import { daysToConvert, groupOf, pipelineOf, type SourceLine, sourcesOf, totalOfOpen, type Totals } from './figures.ts';

/** Room for the longest bar's own label, "188.8M". */
const BAR_LABEL_WIDTH = 56;
const NAME_WIDTH = 110;
const QUIET = 'var(--mantine-color-gray-5)';

interface Bar {
  readonly name: string;
  readonly value: number;
  readonly color: string | null;
}

/** Each bar in the colour that the stage or the source has everywhere; the table below says it to screen readers. */
function Bars({ rows, unit }: { readonly rows: readonly Bar[]; readonly unit: string }) {
  return (
    <BarChart
      h={CHART_HEIGHT} mb="md" data={rows.map(({ name, value, color }) => ({ name, value, color: color ?? QUIET }))} dataKey="name" orientation="vertical"
      gridAxis="none" withXAxis={false} yAxisProps={{ width: NAME_WIDTH }} series={[{ name: 'value', label: unit, color: 'accent.6' }]} valueFormatter={formatCompact}
      barChartProps={{ margin: { right: BAR_LABEL_WIDTH } }} withBarValueLabel withTooltip={false} barProps={{ radius: 3, isAnimationActive: false }} aria-hidden
    />
  );
}

function Dot({ color }: { readonly color: string | null }) {
  return <span className={classes['dot']} style={{ background: color ?? QUIET }} />;
}

function Money({ value }: { readonly value: number }) {
  return <span title={formatNumber(value, 2)}>{formatCompact(value)}</span>;
}

function MoneyCells({ count, value, weighted }: Totals) {
  return (
    <>
      <td>{formatNumber(count)}</td>
      <td><Money value={value} /></td>
      <td><Money value={weighted} /></td>
    </>
  );
}

export function PipelinePanel() {
  const { t } = useTranslation();
  const stages = useQuery(useMemo(() => crmQueries.stages(), []));
  const deals = useQuery(useMemo(() => crmQueries.dealsByStage(), []));
  const lines = useMemo(() => pipelineOf(stages.data, deals.data), [stages.data, deals.data]);
  const loading = stages.status === 'loading' || deals.status === 'loading';
  const content = (
    <>
      <Bars rows={lines.map(({ stage, value }) => ({ name: stage.name, value, color: stage.color }))} unit={t('dashboard.value')} />
      <table className={classes['table']}>
        <thead>
          <tr>
            <th scope="col">{t('dashboard.stage')}</th>
            <th scope="col">{t('dashboard.deals')}</th>
            <th scope="col">{t('dashboard.value')}</th>
            <Tooltip label={t('dashboard.weightedMeans')} openDelay={400}><th scope="col">{t('dashboard.weighted')}</th></Tooltip>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ stage, ...totals }) => (
            <tr key={stage.id} data-stage={stage.name}><th scope="row"><Dot color={stage.color} />{stage.name}</th><MoneyCells {...totals} /></tr>
          ))}
        </tbody>
        <tfoot><tr><th scope="row">{t('dashboard.allOpen')}</th><MoneyCells {...totalOfOpen(lines)} /></tr></tfoot>
      </table>
    </>
  );
  return (
    <Panel title={t('dashboard.pipeline')} testid="pipeline" aside={<Anchor component={Link} to="/pipeline" size="xs">{t('dashboard.all')}</Anchor>}>
      {loading ? <ChartSkeleton /> : lines.some(({ count }) => count > 0) ? content : <Text c="dimmed" size="sm">{t('dashboard.noDeals')}</Text>}
    </Panel>
  );
}

function rateText(rate: number | null): string {
  return rate === null ? DASH : `${formatNumber(100 * rate, 1)} %`;
}

export function SourcesPanel() {
  const { t } = useTranslation();
  const sources = useQuery(useMemo(() => crmQueries.sources(), []));
  const leads = useQuery(useMemo(() => crmQueries.leadsBySource(), []));
  const converted = useQuery(useMemo(() => crmQueries.convertedLeadsBySource(), []));
  const lines = useMemo(() => sourcesOf(sources.data, leads.data, converted.data), [sources.data, leads.data, converted.data]);
  const loading = [sources, leads, converted].some(({ status }) => status === 'loading');
  const nameOf = (line: SourceLine) => line.name ?? t('dashboard.noSource');
  const content = (
    <>
      <Bars rows={lines.map((line) => ({ name: nameOf(line), value: line.leads, color: line.color }))} unit={t('dashboard.leads')} />
      <table className={classes['table']}>
        <thead>
          <tr>
            <th scope="col">{t('dashboard.source')}</th>
            <th scope="col">{t('dashboard.leads')}</th>
            <th scope="col">{t('dashboard.converted')}</th>
            <th scope="col">{t('dashboard.rate')}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.id} data-source={line.name}>
              <th scope="row"><Dot color={line.color} />{nameOf(line)}</th>
              <td>{formatNumber(line.leads)}</td>
              <td>{formatNumber(line.converted)}</td>
              <td>{rateText(line.rate)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
  return (
    <Panel title={t('dashboard.bySource')} testid="sources" aside={<Anchor component={Link} to="/leads" size="xs">{t('dashboard.all')}</Anchor>}>
      {loading ? <ChartSkeleton /> : lines.some((line) => line.leads > 0) ? content : <Text c="dimmed" size="sm">{t('dashboard.noLeads')}</Text>}
    </Panel>
  );
}

export function StatusPanel() {
  const { t } = useTranslation();
  const leads = useQuery(useMemo(() => crmQueries.leadsByStatus(), []));
  const statuses = fieldNamed(collectionNamed('leads'), 'status').options.map((status) => ({ status, count: groupOf(leads.data, status)?.count ?? 0 }));
  const most = Math.max(...statuses.map(({ count }) => count));
  return (
    <Panel title={t('dashboard.byStatus')} testid="statuses" aside={<TimeToConvert />}>
      {leads.status === 'loading' && <LinesSkeleton lines={statuses.length} />}
      {leads.status !== 'loading' && most === 0 && <Text c="dimmed" size="sm">{t('dashboard.noLeads')}</Text>}
      {leads.status !== 'loading' && most > 0 && (
        <dl className={classes['bars']}>
          {statuses.map(({ status, count }) => (
            <Fragment key={status}>
              <dt>{labelOf(status)}</dt>
              <div className={classes['bar']} style={{ width: `${(100 * count) / most}%`, background: `var(--mantine-color-${colorOfOption(status)}-filled)` }} aria-hidden />
              <dd data-status={status}>{formatNumber(count)}</dd>
            </Fragment>
          ))}
        </dl>
      )}
    </Panel>
  );
}

function TimeToConvert() {
  const { t } = useTranslation();
  const { data } = useQuery(useMemo(() => crmQueries.timeToConvert(), []));
  const days = daysToConvert(data);
  if (days === null) return null;
  return (
    <Tooltip label={t('dashboard.daysToConvertMeans')} multiline maw={260} openDelay={400}>
      <Text size="xs" c="dimmed" data-testid="time-to-convert">{t('dashboard.daysToConvert', { days: formatNumber(days, 1) })}</Text>
    </Tooltip>
  );
}
