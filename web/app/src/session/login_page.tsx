import { RequestError } from '@syncline/client';
import { Alert, Button, Center, Group, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './login_page.module.css';
import { OwedSignOut } from './owed_sign_out.tsx';
import type { SignedOutNotice } from './session_gate.tsx';

interface LoginPageProps {
  readonly notice: SignedOutNotice | null;
  /** The server could not be told of the sign-out. */
  readonly owed: boolean;
  readonly signIn: (email: string, password: string) => Promise<void>;
}

export function LoginPage({ signIn, notice, owed }: LoginPageProps) {
  const { t } = useTranslation();
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useForm({ initialValues: { email: '', password: '' } });

  const submit = form.onSubmit(async ({ email, password }) => {
    setBusy(true);
    setProblem(null);
    try {
      await signIn(email.trim(), password);
    } catch (error) {
      setProblem(error instanceof RequestError ? error.message : String(error));
      setBusy(false);
    }
  });

  return (
    <Center mih="100vh" px="md" pb="md" className={classes['page']}>
      <Group gap="xs" mb="lg">
        <img src="/favicon.svg" width={28} height={28} alt="" />
        <Text fw={600} fz="xl">{t('app.name')}</Text>
      </Group>
      <Paper withBorder p="xl" w={380} maw="100%" radius="md">
        <form onSubmit={submit}>
          <Stack gap="md">
            <Title order={1}>{t('login.title')}</Title>
            <OwedSignOut known={owed} />
            {notice && (
              <Alert color={notice === 'notCleared' ? 'yellow' : 'blue'} variant="light" role="status" data-testid="signed-out-notice">
                {t(`login.notice.${notice}`)}
              </Alert>
            )}
            <TextInput
              label={t('login.email')} type="email" autoComplete="username" required autoFocus
              data-testid="login-email" {...form.getInputProps('email')}
            />
            <PasswordInput
              label={t('login.password')} autoComplete="current-password" required
              data-testid="login-password" {...form.getInputProps('password')}
            />
            <Button type="submit" loading={busy} fullWidth data-testid="login-submit">{t('login.submit')}</Button>
            {/* Last, so that nothing moves away under the hand when it comes. */}
            {problem && <Alert color="red" variant="light" role="alert">{problem}</Alert>}
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}
