// One field of a record page, edited in place: click or Enter edits, Tab and blur save, Esc restores. What cannot be saved
// stays in the box with the reason under it. What somebody else makes of the field meanwhile is said there at once.
import type { CollectionMeta, FieldMeta, Row } from '@syncline/client';
import { UnstyledButton } from '@mantine/core';
import { type KeyboardEvent, memo, type RefObject, useEffect, useRef } from 'react';
import { FieldEditor } from '../fields/field_editor.tsx';
import { FieldView, looksTheSame } from '../fields/field_view.tsx';
import { fieldLabel } from '../fields/format.ts';
import { isInternal } from '../fields/presentation.ts';
import { ChangedMeanwhile } from '../refused/changed_meanwhile.tsx';
import classes from './record.module.css';
import { savesOnChoice, useFieldDraft } from './use_field_draft.ts';

interface InlineFieldProps {
  readonly collection: CollectionMeta;
  readonly field: FieldMeta;
  readonly row: Row;
  /** The row as it is when something is done with it: what a rendering was given may be older, where the field is the same. */
  readonly latest: RefObject<Row>;
}

export const InlineField = memo(ShownInlineField, (before, now) =>
  before.collection === now.collection && before.field === now.field && before.latest === now.latest && before.row.id === now.row.id
  && looksTheSame(now.field, before.row, now.row));

function ShownInlineField({ collection, field, row, latest }: InlineFieldProps) {
  if (isInternal(field)) return null;
  return (
    <div className={classes['field']} data-testid={`field-${field.name}`}>
      <span className={classes['label']}>{fieldLabel(field)}</span>
      {field.readOnly
        ? (
          <div className={classes['value']} data-readonly data-long={field.type === 'long_text' || undefined}>
            <FieldView collection={collection} field={field} row={row} />
          </div>
        )
        : <EditableField collection={collection} field={field} row={row} latest={latest} />}
    </div>
  );
}

function EditableField({ collection, field, row, latest }: InlineFieldProps) {
  const { edit, conflict, begin, change, save, cancel, compare } = useFieldDraft(collection, field, latest);
  const shown = useRef<HTMLDivElement>(null);
  const editor = useRef<HTMLDivElement>(null);
  // Whoever leaves the editor by key goes on from here; whoever clicked or tabbed elsewhere is there already.
  const returns = useRef(false);
  const open = edit !== null;
  useEffect(() => {
    if (open || !returns.current) return;
    returns.current = false;
    if (document.activeElement === document.body) shown.current?.focus();
  }, [open]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      returns.current = true;
      cancel();
    } else if (event.key === 'Enter' && field.type !== 'long_text' && field.type !== 'set' && !savesOnChoice(field)) {
      returns.current = true;
      save();
    }
  };
  if (edit) {
    return (
      <div
        ref={editor} className={classes['editor']}
        onBlur={(event) => {
          if (event.currentTarget.contains(event.relatedTarget)) return;
          returns.current = false;
          save();
        }}
      >
        <FieldEditor
          field={field} value={edit.value} error={edit.message} autoFocus onKeyDown={onKeyDown}
          onChange={(value, problem) => {
            change(value, problem);
            if (!savesOnChoice(field)) return;
            returns.current = true;
            save();
          }}
        />
        {conflict && (
          <ChangedMeanwhile
            field={field} conflict={conflict} onTakeTheirs={cancel} onCompare={compare}
            onKeepMine={() => {
              conflict.keepMine();
              // The buttons go with the mark; whoever leaves the box then saves it.
              editor.current?.querySelector<HTMLElement>('input, textarea')?.focus();
            }}
          />
        )}
      </div>
    );
  }
  return (
    <UnstyledButton
      component="div" ref={shown} role="button" tabIndex={0} className={classes['value']}
      data-long={field.type === 'long_text' || undefined} aria-label={fieldLabel(field)}
      onClick={begin}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key !== 'Enter' || event.target !== event.currentTarget) return;
        event.preventDefault();
        begin();
      }}
    >
      <FieldView collection={collection} field={field} row={row} />
    </UnstyledButton>
  );
}
