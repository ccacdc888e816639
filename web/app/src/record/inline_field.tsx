// One field of a record page, edited in place: click or Enter edits, Tab and blur save, Esc restores. The base is the
// version the person saw when the edit began, so that somebody else's change to the same field is never overwritten.
import type { CollectionMeta, FieldMeta, JsValue, Row } from '@syncline/client';
import { useDb } from '@syncline/react';
import { UnstyledButton } from '@mantine/core';
import { type KeyboardEvent, useRef, useState } from 'react';
import { FieldEditor } from '../fields/field_editor.tsx';
import { FieldView } from '../fields/field_view.tsx';
import { fieldLabel } from '../fields/format.ts';
import { useRefusal } from '../frame/use_refusal.ts';
import classes from './record.module.css';

interface InlineFieldProps {
  readonly collection: CollectionMeta;
  readonly field: FieldMeta;
  readonly row: Row;
}

interface Draft {
  readonly value: JsValue;
  readonly base: number;
}

const asValue = (value: Row[string]): JsValue => (value === undefined || isRelated(value) ? null : value);
/** What an include brought along: one row, or a list of them. */
const isRelated = (value: Row[string]): value is Row | readonly Row[] =>
  typeof value === 'object' && value !== null && !(Array.isArray(value) && value.every((item) => typeof item === 'string'));
const same = (a: JsValue, b: JsValue): boolean => JSON.stringify(a) === JSON.stringify(b);
/** Choosing from a list is the whole edit; typing ends with Enter, Tab or a click elsewhere. */
const savesOnChoice = (field: FieldMeta): boolean => ['enumeration', 'reference', 'boolean'].includes(field.type);

export function InlineField({ collection, field, row }: InlineFieldProps) {
  const db = useDb();
  const refusal = useRefusal();
  const [draft, setDraft] = useState<Draft | null>(null);
  const ended = useRef(false);
  const label = fieldLabel(field);

  const begin = () => {
    if (field.readOnly) return;
    ended.current = false;
    setDraft({ value: asValue(row[field.name]), base: row.version });
  };
  const end = (value: JsValue, base: number) => {
    if (ended.current) return;
    ended.current = true;
    setDraft(null);
    const next = value === '' ? null : value;
    if (same(next, asValue(row[field.name]))) return;
    refusal.watch(() => db.table(collection.key).update(row.id, { [field.name]: next }, { base }));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!draft) return;
    if (event.key === 'Escape') {
      event.stopPropagation();
      ended.current = true;
      setDraft(null);
    } else if (event.key === 'Enter' && field.type !== 'long_text' && !savesOnChoice(field) && field.type !== 'set') {
      end(draft.value, draft.base);
    }
  };

  return (
    <div className={classes['field']} data-testid={`field-${field.name}`}>
      <span className={classes['label']}>{label}</span>
      {draft ? (
        <div
          className={classes['editor']}
          onBlur={(event) => {
            if (!event.currentTarget.contains(event.relatedTarget) && !savesOnChoice(field)) end(draft.value, draft.base);
          }}
        >
          <FieldEditor
            field={field} value={draft.value} autoFocus onKeyDown={onKeyDown}
            onChange={(value) => {
              setDraft({ ...draft, value });
              if (savesOnChoice(field)) end(value, draft.base);
            }}
          />
        </div>
      ) : (
        <UnstyledButton
          component="div" role="button" tabIndex={field.readOnly ? -1 : 0} className={classes['value']}
          data-readonly={field.readOnly || undefined} data-long={field.type === 'long_text' || undefined}
          aria-label={label} onClick={begin} onKeyDown={(event: KeyboardEvent) => event.key === 'Enter' && begin()}
        >
          <FieldView collection={collection} field={field} row={row} />
        </UnstyledButton>
      )}
    </div>
  );
}
