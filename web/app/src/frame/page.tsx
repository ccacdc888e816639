// One page inside the frame: breadcrumb and actions stay, the content scrolls.
import { Anchor, Box, Group, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';

interface PageProps {
  readonly title: string;
  readonly parent?: { readonly label: string; readonly to: string };
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, parent, actions, children }: PageProps) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = title ? `${title} · ${t('app.name')}` : t('app.name');
  }, [title, t]);
  return (
    <Box component="section" display="flex" style={{ flexDirection: 'column', height: '100%', minHeight: 0 }}>
      <Group justify="space-between" wrap="nowrap" px="md" h={52} style={{ borderBottom: '1px solid var(--mantine-color-default-border)', flexShrink: 0 }}>
        <Group gap={6} wrap="nowrap" miw={0} flex={1}>
          {parent && (
            <>
              <Anchor component={Link} to={parent.to} c="dimmed" size="sm" style={{ whiteSpace: 'nowrap' }}>{parent.label}</Anchor>
              <Text c="dimmed" size="sm">/</Text>
            </>
          )}
          <Title order={1} fz={parent ? 'md' : 'lg'} lineClamp={1} miw={0} style={{ wordBreak: 'break-all' }} title={title}>{title}</Title>
        </Group>
        <Group gap="xs" wrap="nowrap" style={{ flexShrink: 0 }}>{actions}</Group>
      </Group>
      {children}
    </Box>
  );
}
