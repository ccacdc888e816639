// What is shown when a page throws: what happened, a way on, the details to copy.
import { Button, Code, Group, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { reloadApplication } from '../offline/updates.ts';

export function Failure({ error, reset }: { readonly error: unknown; readonly reset?: () => void }) {
  const { t } = useTranslation();
  return (
    <Stack p="xl" maw={560} gap="sm" role="alert">
      <Title order={2}>{t('failure.title')}</Title>
      <Text>{t('failure.body')}</Text>
      <Group>
        {reset && <Button variant="default" onClick={reset}>{t('failure.retry')}</Button>}
        <Button onClick={() => void reloadApplication()}>{t('failure.reload')}</Button>
      </Group>
      <details>
        <summary>{t('failure.details')}</summary>
        <Code block mt="xs">{error instanceof Error ? (error.stack ?? error.message) : String(error)}</Code>
      </details>
    </Stack>
  );
}
