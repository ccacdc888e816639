// The frame around every page: sidebar, connection, palette, user menu. It stays; pages come and go inside.
import { useDb, useOfConnection } from '@syncline/react';
import { ActionIcon, Alert, AppShell, Avatar, Box, Burger, Button, Group, Menu, Text, Tooltip, useMantineColorScheme } from '@mantine/core';
import { useDisclosure, useHotkeys, useLocalStorage, useMediaQuery } from '@mantine/hooks';
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand, IconLogout, IconMoon, IconSearch, IconSun, IconSunMoon } from '@tabler/icons-react';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { lookForUpdate, reloadApplication, useUpdateReady } from '../offline/updates.ts';
import { ConflictDialog } from '../refused/conflict_dialog.tsx';
import { RefusedChanges } from '../refused/refused_drawer.tsx';
import { useSession } from '../session/session_gate.tsx';
import { isClean, SignOutDialog } from '../session/sign_out_dialog.tsx';
import { CheatSheet } from './cheat_sheet.tsx';
import { ConnectionIndicator, StorageHint } from './connection_indicator.tsx';
import classes from './frame.module.css';
import { destinationOf, useDestinations } from './navigation.ts';
import { palette } from './palette_store.ts';
import { Palette } from './palette.tsx';
import { SettledToasts } from './settled_toasts.tsx';
import { useGoKeys } from './use_go_keys.ts';
import { UndoKeys } from './undo_keys.tsx';

export function AppFrame() {
  const { t } = useTranslation();
  const [drawer, { toggle, close }] = useDisclosure(false);
  const { collapsed, toggleCollapsed } = useSidebar();
  useGoKeys();
  useHotkeys([['mod+K', () => palette.open()]]);

  return (
    <AppShell
      header={{ height: 44 }} padding={0}
      navbar={{ width: collapsed ? 56 : 208, breakpoint: 'sm', collapsed: { mobile: !drawer } }}
    >
      <AppShell.Header px="sm">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <Burger opened={drawer} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t('frame.menu')} />
            <img src="/favicon.svg" width={22} height={22} alt="" />
            <Text fw={600} size="sm">{t('app.name')}</Text>
          </Group>
          <Group gap={4} wrap="nowrap">
            <StorageHint />
            <RefusedChanges />
            <ConnectionIndicator />
            <Tooltip label={t('frame.search')}>
              <ActionIcon variant="subtle" color="gray" onClick={() => palette.open()} aria-label={t('frame.search')}><IconSearch size={16} /></ActionIcon>
            </Tooltip>
            <UserMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p={8} aria-label={t('frame.menu')}>
        <Destinations collapsed={collapsed} onGo={close} />
        <ActionIcon visibleFrom="sm" variant="subtle" color="gray" onClick={toggleCollapsed} aria-label={t(collapsed ? 'frame.expand' : 'frame.collapse')}>
          {collapsed ? <IconLayoutSidebarLeftExpand size={16} /> : <IconLayoutSidebarLeftCollapse size={16} />}
        </ActionIcon>
      </AppShell.Navbar>
      <AppShell.Main h="100dvh" display="flex" style={{ flexDirection: 'column' }}>
        <ReloadBanner />
        <Box flex={1} mih={0}><Outlet /></Box>
      </AppShell.Main>
      <SettledToasts />
      <ConflictDialog />
      <UndoKeys />
      <Palette />
      <CheatSheet />
    </AppShell>
  );
}

/** Collapsed by choice, which is kept; where the screen is narrow, by itself, until somebody expands it there. */
function useSidebar(): { readonly collapsed: boolean; readonly toggleCollapsed: () => void } {
  const [chosen, setChosen] = useLocalStorage({ key: 'syncline.sidebar', defaultValue: false });
  const [expanded, setExpanded] = useState(false);
  const narrow = useMediaQuery('(max-width: 56.25em)', false, { getInitialValueInEffect: false });
  const drawer = useMediaQuery('(max-width: 47.99em)', false, { getInitialValueInEffect: false });
  return {
    collapsed: !drawer && (narrow ? !expanded : chosen),
    toggleCollapsed: () => (narrow ? setExpanded(!expanded) : setChosen(!chosen)),
  };
}

function Destinations({ collapsed, onGo }: { readonly collapsed: boolean; readonly onGo: () => void }) {
  const { t } = useTranslation();
  const here = useRouterState({ select: (state) => destinationOf(state.location.pathname)?.key });
  return (
    <Box flex={1}>
      {useDestinations().map(({ key, to, icon: Icon }) => (
        <Tooltip key={key} label={t(`nav.${key}`)} position="right" disabled={!collapsed}>
          <Link to={to} className={classes['link']} activeOptions={{ exact: to === '/' }} data-here={key === here || undefined} onClick={onGo} aria-label={t(`nav.${key}`)}>
            <Icon size={16} />
            {!collapsed && t(`nav.${key}`)}
          </Link>
        </Tooltip>
      ))}
    </Box>
  );
}

function ReloadBanner() {
  const { t } = useTranslation();
  const db = useDb();
  const [message, setMessage] = useState<string | null>(null);
  useEffect(() => db.onReloadWanted(() => setMessage(t('frame.newVersion'))), [db, t]);
  useEffect(() => db.onFailure((error) => setMessage(error.message)), [db]);
  const state = useOfConnection((connection) => connection.state);
  useEffect(() => {
    // The server may have been exchanged while it was away.
    if (state === 'connected') lookForUpdate();
  }, [state]);
  const updateReady = useUpdateReady();
  const [reloading, setReloading] = useState(false);
  const text = message ?? (updateReady ? t('frame.updateReady') : null);
  if (text === null) return null;
  return (
    <Alert color={message === null ? 'blue' : 'yellow'} role={message === null ? 'status' : 'alert'} radius={0} py="xs" data-testid="reload-banner">
      <Group justify="space-between">
        <Text size="sm">{text}</Text>
        <Button
          size="compact-sm" loading={reloading} data-testid="reload"
          onClick={() => {
            setReloading(true);
            void reloadApplication();
          }}
        >
          {t('failure.reload')}
        </Button>
      </Group>
    </Alert>
  );
}

const SCHEMES = [['light', IconSun], ['dark', IconMoon], ['auto', IconSunMoon]] as const;

function UserMenu() {
  const { t } = useTranslation();
  const db = useDb();
  const { session, signOut } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [asking, { open: ask, close: stay }] = useDisclosure(false);
  const leave = () => {
    if (isClean(db)) void signOut(false);
    else ask();
  };
  return (
    <>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('frame.account')} data-testid="user-menu">
            <Avatar size={26} name={session.user.name} color="initials" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{session.user.name}<br />{session.user.email}</Menu.Label>
          <Menu.Divider />
          {SCHEMES.map(([scheme, Icon]) => (
            <Menu.Item key={scheme} leftSection={<Icon size={14} />} fw={colorScheme === scheme ? 600 : 400} onClick={() => setColorScheme(scheme)} data-testid={`scheme-${scheme}`}>
              {t(`frame.scheme.${scheme}`)}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<IconLogout size={14} />} onClick={leave} data-testid="sign-out">{t('frame.signOut')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <SignOutDialog opened={asking} onClose={stay} />
    </>
  );
}
