// One field of a record page, edited in place: click or Enter edits, Tab and blur save, Esc restores. What cannot be saved
// stays in the box with the reason under it. The base is the version the person saw when the edit began, so that somebody
// else's change to the same field is never overwritten.
import type { CollectionMeta, FieldMeta, JsValue, Row } from '@syncline/client';
import { Button, Group, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { FieldEditor } from '../fields/field_editor.tsx';
import { FieldView } from '../fields/field_view.tsx';
import { fieldLabel } from '../fields/format.ts';
import { isInternal, withLaterNeeds } from '../fields/presentation.ts';
import { useValueText } from '../refused/value_text.tsx';
import classes from './record.module.css';
import { savesOnChoice, useFieldDraft } from './use_field_draft.ts';

interface InlineFieldProps {
  readonly collection: CollectionMeta;
  readonly field: FieldMeta;
  readonly row: Row;
}

export function InlineField({ collection, field, row }: InlineFieldProps) {
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
        : <EditableField collection={collection} field={withLaterNeeds(field)} row={row} />}
    </div>
  );
}

function EditableField({ collection, field, row }: InlineFieldProps) {
  const { draft, overtaken, begin, change, save, cancel, keepMine } = useFieldDraft(collection, field, row);
  const shown = useRef<HTMLDivElement>(null);
  // Whoever leaves the editor by key goes on from here; whoever clicked or tabbed elsewhere is there already.
  const returns = useRef(false);
  const open = draft !== null;
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
  if (draft) {
    return (
      <div
        className={classes['editor']}
        onBlur={(event) => {
          if (event.currentTarget.contains(event.relatedTarget)) return;
          returns.current = false;
          save();
        }}
      >
        <FieldEditor
          field={field} value={draft.value} error={draft.message} autoFocus onKeyDown={onKeyDown}
          onChange={(value, problem) => {
            change(value, problem);
            if (!savesOnChoice(field)) return;
            returns.current = true;
            save();
          }}
        />
        {overtaken && <Overtaken field={field} theirs={overtaken.theirs} onKeepMine={keepMine} onTakeTheirs={cancel} />}
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

interface OvertakenProps {
  readonly field: FieldMeta;
  readonly theirs: JsValue;
  readonly onKeepMine: () => void;
  readonly onTakeTheirs: () => void;
}

/** Said while the edit is still open, so that nobody writes for nothing. */
function Overtaken({ field, theirs, onKeepMine, onTakeTheirs }: OvertakenProps) {
  const { t } = useTranslation();
  const text = useValueText(field, theirs);
  return (
    <Stack gap={4} my={4} role="status" data-testid="overtaken">
      <Group gap={6} wrap="nowrap" align="flex-start">
        <IconAlertTriangle size={16} color="var(--mantine-color-orange-6)" style={{ flexShrink: 0 }} />
        <Text size="xs" lineClamp={3}>{t('conflict.editedMeanwhile', { theirs: text })}</Text>
      </Group>
      <Group gap="xs">
        <Button size="compact-xs" variant="default" onClick={onKeepMine} data-testid="overtaken-mine">{t('conflict.keepMine')}</Button>
        <Button size="compact-xs" variant="default" onClick={onTakeTheirs} data-testid="overtaken-theirs">{t('conflict.takeTheirs')}</Button>
      </Group>
    </Stack>
  );
}
