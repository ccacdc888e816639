// Routes. Every state has a URL: view, filters, sort, record.
import { Button, Stack, Text, Title } from '@mantine/core';
import {
  createRootRoute, createRoute, createRouter, lazyRouteComponent, Link, redirect, RouterProvider, useNavigate, useParams, useSearch,
} from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { BoardPage } from './board/board_page.tsx';
import { DashboardSkeleton } from './dashboard/dashboard_layout.tsx';
import { collectionNamed } from './fields/reference.ts';
import { AppFrame } from './frame/app_frame.tsx';
import { Failure } from './frame/failure.tsx';
import { ListPage } from './list/list_page.tsx';
import { parseListSearch } from './list/list_state.ts';
import { RecordPage } from './record/record_page.tsx';

const root = createRootRoute({ component: AppFrame, notFoundComponent: NotFound });

const COLLECTIONS = ['leads', 'companies', 'contacts', 'deals', 'tasks', 'activities', 'phone_calls'] as const;

function listRoute(collection: (typeof COLLECTIONS)[number]) {
  const path = `/${collection.replaceAll('_', '-')}`;
  const Component = () => {
    // Here and not as the route's validateSearch: that would leave what it drops in the search of the route above.
    const raw = useSearch({ strict: false }) as Record<string, unknown>;
    const search = useMemo(() => parseListSearch(raw, collectionNamed(collection)), [raw]);
    const navigate = useNavigate();
    return (
      <ListPage
        key={collection} collectionName={collection} search={search}
        onSearch={(next) => void navigate({ to: path, search: next as never, replace: true })}
      />
    );
  };
  return createRoute({ getParentRoute: () => root, path, component: Component });
}

const isId = (text: string): boolean => /^[0-9a-f]{32}$/i.test(text.replaceAll('-', ''));

function recordRoute(collection: (typeof COLLECTIONS)[number]) {
  const Component = () => {
    const { id } = useParams({ strict: false }) as { id: string };
    if (!isId(id)) return <NotFound />;
    return <RecordPage key={id} collectionName={collection} id={id} />;
  };
  return createRoute({ getParentRoute: () => root, path: `/${collection.replaceAll('_', '-')}/$id`, component: Component });
}

/** Charts are more than a quarter of the application's code; lists and records do not wait for them. */
const loadDashboard = () => import('./dashboard/dashboard_page.tsx');
const dashboardRoute = createRoute({
  getParentRoute: () => root, path: '/', component: lazyRouteComponent(loadDashboard, 'DashboardPage'),
  pendingComponent: DashboardSkeleton, pendingMs: 100, pendingMinMs: 0,
});

/** Fetches what is left while nobody waits for it, so that going there is instant, and possible offline. */
function warmUp(): void {
  // What fails here is tried again, and said, by the route itself.
  const load = () => void loadDashboard().catch(() => undefined);
  if (window.location.pathname === '/') load();
  else if ('requestIdleCallback' in window) window.requestIdleCallback(load);
  else setTimeout(load, 2_000);
}
warmUp();

const routeTree = root.addChildren([
  dashboardRoute,
  createRoute({
    getParentRoute: () => root, path: '/dashboard',
    beforeLoad: () => {
      throw redirect({ to: '/', replace: true });
    },
  }),
  createRoute({ getParentRoute: () => root, path: '/pipeline', component: BoardPage }),
  ...COLLECTIONS.map(listRoute),
  ...COLLECTIONS.map(recordRoute),
]);

const router = createRouter({
  routeTree,
  defaultErrorComponent: ({ error, reset }) => <Failure error={error} reset={reset} />,
});

function NotFound() {
  const { t } = useTranslation();
  return (
    <Stack p="xl" gap="sm" align="flex-start">
      <Title order={2}>{t('notFound.title')}</Title>
      <Text c="dimmed">{t('notFound.body')}</Text>
      <Button component={Link} to="/" variant="default">{t('notFound.home')}</Button>
    </Stack>
  );
}

export function App() {
  return <RouterProvider router={router} />;
}
