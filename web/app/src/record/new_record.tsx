// A form for a new record, made from the schema: required fields first, then what the collection's list shows.
import type { CollectionMeta, FieldMeta, JsValue } from '@syncline/client';
import { useDb } from '@syncline/react';
import { Button, Group, Modal, Stack } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FieldEditor } from '../fields/field_editor.tsx';
import { fieldLabel, labelOf } from '../fields/format.ts';
import { useRefusal } from '../frame/use_refusal.ts';

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

const own = (field: FieldMeta): boolean => !field.readOnly && field.slot >= 0 && !['createdAt', 'updatedAt', 'createdBy'].includes(field.name);

export function NewRecord(props: NewRecordProps) {
  const { t } = useTranslation();
  const title = t('record.new', { what: labelOf(props.collection.singular).toLowerCase() });
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={title} size="md">
      {props.opened && <NewRecordForm {...props} />}
    </Modal>
  );
}

function NewRecordForm({ collection, suggested, preset = {}, onClose, onCreated }: NewRecordProps) {
  const { t } = useTranslation();
  const db = useDb();
  const refusal = useRefusal();
  const fields = useMemo(() => {
    const writable = collection.fields.filter(own);
    const required = writable.filter((field) => field.required);
    const others = suggested.flatMap((name) => writable.filter((field) => field.name === name && !field.required));
    return [...required, ...others];
  }, [collection, suggested]);
  const [values, setValues] = useState<Record<string, JsValue>>({ ...preset });
  const [missing, setMissing] = useState<ReadonlySet<string>>(new Set());

  const create = () => {
    const gaps = fields.filter((field) => field.required && field.defaultText === null && (values[field.name] ?? '') === '');
    setMissing(new Set(gaps.map((field) => field.name)));
    if (gaps.length > 0) return;
    const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '' && value !== null));
    const handle = refusal.watch(() => db.table(collection.key).insert(given));
    handle?.local.then((answer) => {
      onClose();
      const id = answer.result['id'];
      if (typeof id === 'string') onCreated?.(id);
    }, () => undefined);
  };

  return (
    <form onSubmit={(event) => { event.preventDefault(); create(); }}>
      <Stack gap="sm">
        {fields.map((field, index) => (
          <FieldEditor
            key={field.name} field={field} label={fieldLabel(field)} autoFocus={index === 0}
            value={values[field.name] ?? field.defaultText} error={missing.has(field.name) ? t('record.required') : null}
            onChange={(value) => setValues({ ...values, [field.name]: value })}
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
