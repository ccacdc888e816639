// A form for a new record, made from the schema: required fields first, then what the collection's list shows.
import type { CollectionMeta, FieldMeta, JsValue, MutationHandle } from '@syncline/client';
import { useDb } from '@syncline/react';
import { Alert, Button, Group, Stack } from '@mantine/core';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FieldEditor } from '../fields/field_editor.tsx';
import { fieldLabel, labelOf } from '../fields/format.ts';
import { isInternal } from '../fields/presentation.ts';
import { type FormRefusal, sortRefusal } from '../fields/refusal.ts';
import { GuardedModal } from './guarded_modal.tsx';

interface NewRecordProps {
  readonly collection: CollectionMeta;
  /** Offered besides the required ones. */
  readonly suggested: readonly string[];
  /** Filled in beforehand: the company of a new contact, say. */
  readonly preset?: Readonly<Record<string, JsValue>>;
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onCreated?: (id: string) => void;
}

type Values = Readonly<Record<string, JsValue>>;
type Complaints = Readonly<Record<string, string>>;

const own = (field: FieldMeta): boolean => (
  !field.readOnly && !isInternal(field) && field.slot >= 0 && !['createdAt', 'updatedAt', 'createdBy'].includes(field.name)
);
const isBlank = (value: JsValue | undefined): boolean => (value ?? '') === '' || (Array.isArray(value) && value.length === 0);

export function NewRecord(props: NewRecordProps) {
  const { t } = useTranslation();
  const [changed, setChanged] = useState(false);
  const title = t('record.new', { what: labelOf(props.collection.singular).toLowerCase() });
  const close = () => {
    setChanged(false);
    props.onClose();
  };
  return (
    <GuardedModal opened={props.opened} onClose={close} changed={changed} title={title}>
      {props.opened && <NewRecordForm {...props} onClose={close} onChanged={setChanged} />}
    </GuardedModal>
  );
}

function formFields(collection: CollectionMeta, suggested: readonly string[]): readonly FieldMeta[] {
  const writable = collection.fields.filter(own);
  const required = writable.filter((field) => field.required);
  const others = suggested.flatMap((name) => writable.filter((field) => field.name === name && !field.required));
  return [...required, ...others];
}

interface NewRecordFormProps extends NewRecordProps {
  readonly onChanged: (changed: boolean) => void;
}

function NewRecordForm({ collection, suggested, preset = {}, onClose, onCreated, onChanged }: NewRecordFormProps) {
  const { t } = useTranslation();
  const db = useDb();
  const fields = useMemo(() => formFields(collection, suggested), [collection, suggested]);
  const [values, setValues] = useState<Values>({ ...preset });
  const [unreadable, setUnreadable] = useState<Complaints>({});
  const [missing, setMissing] = useState<ReadonlySet<string>>(new Set());
  const [refusal, setRefusal] = useState<FormRefusal | null>(null);
  const sending = useRef(false);
  const [tried, setTried] = useState(false);

  const set = (field: FieldMeta, value: JsValue, problem: string | null) => {
    const next = { ...values, [field.name]: value };
    const { [field.name]: _, ...others } = unreadable;
    const complaints = problem === null ? others : { ...others, [field.name]: problem };
    setValues(next);
    setUnreadable(complaints);
    if (refusal) setRefusal({ ...refusal, byField: Object.fromEntries(Object.entries(refusal.byField).filter(([name]) => name !== field.name)) });
    onChanged(Object.keys(complaints).length > 0 || Object.keys(next).some((name) => !isBlank(next[name]) && next[name] !== preset[name]));
  };
  const refused = (error: unknown) => {
    sending.current = false;
    setRefusal(sortRefusal(t, error, fields, collection));
  };
  // What was emptied by hand is empty; the default is for what nobody touched.
  const valueOf = (field: FieldMeta): JsValue => (field.name in values ? (values[field.name] ?? null) : field.defaultText);
  const create = () => {
    setTried(true);
    const gaps = fields.filter((field) => field.required && isBlank(valueOf(field)) && !unreadable[field.name]);
    setMissing(new Set(gaps.map((field) => field.name)));
    if (gaps.length > 0 || Object.keys(unreadable).length > 0 || sending.current) return;
    sending.current = true;
    let handle: MutationHandle;
    try {
      handle = db.table(collection.key).insert(Object.fromEntries(Object.entries(values).filter(([, value]) => !isBlank(value))));
    } catch (error) {
      refused(error);
      return;
    }
    handle.local.then((answer) => {
      onClose();
      const id = answer.result['id'];
      if (typeof id === 'string') onCreated?.(id);
    }, refused);
  };
  const errorOf = ({ name }: FieldMeta): string | null => (
    (tried ? unreadable[name] : undefined) ?? refusal?.byField[name] ?? (missing.has(name) && isBlank(values[name]) ? t('record.required') : null)
  );

  return (
    <form noValidate onSubmit={(event) => { event.preventDefault(); create(); }}>
      <Stack gap="sm">
        {refusal?.rest && <Alert color="red" role="alert" style={{ whiteSpace: 'pre-line' }}>{refusal.rest}</Alert>}
        {fields.map((field, index) => (
          <FieldEditor
            key={field.name} field={field} label={fieldLabel(field)} autoFocus={index === 0}
            value={valueOf(field)} error={errorOf(field)}
            onChange={(value, problem) => set(field, value, problem)}
          />
        ))}
        <Group justify="flex-end" mt="xs">
          <Button variant="default" onClick={onClose}>{t('record.cancel')}</Button>
          <Button type="submit" data-testid="new-record-save">{t('record.create')}</Button>
        </Group>
      </Stack>
    </form>
  );
}
