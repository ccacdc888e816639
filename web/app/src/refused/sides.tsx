// The three values of a field side by side: what stood there, what somebody else made of it, and mine.
import type { FieldMeta } from '@syncline/client';
import { Group, Text, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldLabel, formatMoment, formatRelative } from '../fields/format.ts';
import classes from './conflict.module.css';
import { useValueText } from './value_text.tsx';

interface SidesProps {
  readonly field: FieldMeta;
  readonly base: unknown;
  readonly theirs: unknown;
  readonly mine: unknown;
  readonly who: string;
  /** Epoch ms; 0: it is not known. */
  readonly at: number;
  /** What stands over theirs and mine; default: the names. */
  readonly titles?: { readonly theirs: ReactNode; readonly mine: ReactNode };
  /** Which is chosen, where there is a choice for each field. */
  readonly chosen?: 'theirs' | 'mine';
  /** In place of theirs: the record is gone. */
  readonly deleted?: boolean;
}

export function Sides({ field, base, theirs, mine, who, at, titles, chosen, deleted = false }: SidesProps) {
  const { t } = useTranslation();
  const label = fieldLabel(field);
  return (
    <section aria-label={label}>
      <Group gap={6} mb={4}>
        <Text size="sm" fw={600}>{label}</Text>
        {at > 0 && (
          <Tooltip label={formatMoment(at)}>
            <Text size="xs" c="dimmed">{t(deleted ? 'conflict.deletedBy' : 'conflict.by', { who, when: formatRelative(at) })}</Text>
          </Tooltip>
        )}
      </Group>
      <div className={classes['sides']}>
        <Side title={t('conflict.base')} field={field} value={base} quiet />
        <Side title={titles?.theirs ?? who} field={field} value={theirs} chosen={chosen === 'theirs'} {...(deleted && { text: t('conflict.deletedValue') })} />
        <Side title={titles?.mine ?? t('conflict.mine')} field={field} value={mine} chosen={chosen === 'mine'} />
      </div>
    </section>
  );
}

interface SideProps {
  readonly title: ReactNode;
  readonly field: FieldMeta;
  readonly value: unknown;
  readonly quiet?: boolean;
  readonly chosen?: boolean;
  /** In place of the value. */
  readonly text?: string;
}

function Side({ title, field, value, quiet = false, chosen = false, text }: SideProps) {
  const shown = useValueText(field, value);
  return (
    <div className={classes['side']} data-chosen={chosen || undefined}>
      <div className={classes['title']}>{title}</div>
      <Text size="sm" {...((quiet || text !== undefined) && { c: 'dimmed' })} className={classes['value'] ?? ''}>{text ?? shown}</Text>
    </div>
  );
}
