// The server's word, where it differs from what the screen showed: a rejection is rolled back by the engine, and said here.
import { type FieldMeta, schema } from '@syncline/client';
import { useDb, useSettled } from '@syncline/react';
import { Notifications, notifications } from '@mantine/notifications';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { collectionNamed, pathOf } from '../fields/reference.ts';
import { engineText } from '../fields/refusal.ts';
import { decidable, rests, type ConflictCase } from '../refused/changes.ts';
import { ConflictToast } from '../refused/conflict_toast.tsx';
import { takeWrite, tellRefusal } from './refused_writes.ts';

/** Stands inside the application, so that what a toast shows can be live and linked like anything else. */
export function SettledToasts() {
  const { t } = useTranslation();
  const db = useDb();
  useSettled((settled) => {
    const what = takeWrite(settled.mutationId);
    if (settled.outcome === 'applied' || settled.outcome === 'merged') return;
    if (settled.outcome === 'conflict' && settled.conflicts.length > 0) {
      tellConflict({ ...settled, id: settled.mutationId }, t('toast.changedByOther'));
      return;
    }
    // What it would take back was not saved either, and that has been said.
    if (rests(db.refused, settled.mutationId)) return;
    const message = settled.error ? engineText(settled.error, fieldsOf(settled.mutator)) : t('toast.rejected');
    tellRefusal(t('toast.notSaved'), message, what);
  });
  // What one user was told is not for whoever signs in next.
  useEffect(() => () => notifications.clean(), []);
  return <Notifications position="bottom-right" />;
}

/** The fields that an error of this mutator may name. */
function fieldsOf(name: string): readonly FieldMeta[] {
  const mutator = schema.mutators.find((each) => each.name === name);
  return mutator ? [...mutator.arguments, ...collectionNamed(mutator.collection).fields] : [];
}

/** On the record's own page the dialog comes by itself (record_conflict.tsx). */
function tellConflict(conflict: ConflictCase, title: string): void {
  const chosen = decidable(conflict);
  if (chosen && window.location.pathname === pathOf(chosen.collection, chosen.record)) return;
  const id = `conflict:${conflict.id.client}:${conflict.id.sequence}`;
  notifications.show({
    id,
    color: 'yellow',
    title,
    message: <ConflictToast conflict={conflict} onDone={() => notifications.hide(id)} />,
    autoClose: false,
    'data-testid': 'toast',
  } as Parameters<typeof notifications.show>[0]);
}
