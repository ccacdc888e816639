// Edits one field's value. Controlled: `value` in the SDK's form (SEMANTICS 42), onChange with the same. The one place that
// knows how each type is typed in; forms, inline cells and filters all use it.
import type { FieldMeta, JsValue } from '@syncline/client';
import { MultiSelect, Select, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import { codecOf } from './codec.ts';
import { fieldLabel, labelOf, locale } from './format.ts';
import { ReferencePicker } from './reference_picker.tsx';
import { TypedInput } from './typed_input.tsx';

export interface FieldEditorProps {
  readonly field: FieldMeta;
  readonly value: JsValue;
  /** `problem`: what was typed cannot be read, and why; `value` is null then, and must not be saved. */
  readonly onChange: (value: JsValue, problem: string | null) => void;
  readonly label?: string;
  /** What a text is when none is typed. */
  readonly placeholder?: string;
  readonly error?: string | null;
  readonly autoFocus?: boolean;
  readonly onKeyDown?: (event: React.KeyboardEvent) => void;
}

const text = (value: JsValue): string => (typeof value === 'string' ? value : '');
const items = (value: JsValue): string[] => (Array.isArray(value) ? [...value] : []);

export function FieldEditor({ field, value, onChange, label, placeholder, error, autoFocus, onKeyDown }: FieldEditorProps) {
  const codec = useMemo(() => codecOf(field, locale), [field]);
  const set = (next: JsValue) => onChange(next, null);
  const common = {
    label, error,
    errorProps: { role: 'alert' as const },
    size: 'sm' as const,
    required: field.required && label !== undefined,
    'data-testid': `field-${field.name}-input`,
    'aria-label': label ?? fieldLabel(field),
    onKeyDown,
    ...(autoFocus ? { autoFocus: true, 'data-autofocus': true } : {}),
  };
  // Filters swap fields under one editor: a text typed for one is none for the next.
  if (codec) return <TypedInput {...common} key={field.name} codec={codec} value={value} onChange={onChange} />;
  switch (field.type) {
    case 'boolean':
      return <Switch {...common} checked={value === true} onChange={(event) => set(event.currentTarget.checked)} />;
    case 'enumeration':
      return (
        <Select
          {...common} searchable clearable={!field.required} allowDeselect={!field.required} comboboxProps={{ withinPortal: true }}
          data={optionsOf(field)} value={typeof value === 'string' ? value : null} onChange={set}
        />
      );
    case 'reference':
      return <ReferencePicker {...common} field={field} value={typeof value === 'string' ? value : null} onChange={set} />;
    case 'set':
      if (field.options.length > 0) return <MultiSelect {...common} searchable data={optionsOf(field)} value={items(value)} onChange={set} />;
      return <TagsInput {...common} value={items(value)} onChange={set} />;
    case 'long_text':
      return (
        <Textarea {...common} autosize minRows={3} maxRows={12} value={text(value)} onChange={(event) => set(event.currentTarget.value)} />
      );
    default:
      return <TextInput {...common} placeholder={placeholder} type={INPUT_TYPES[field.format] ?? 'text'} value={text(value)} onChange={(event) => set(event.currentTarget.value)} />;
  }
}

const INPUT_TYPES: Readonly<Record<string, string>> = { email: 'email', phone: 'tel', url: 'url' };

function optionsOf(field: FieldMeta): { value: string; label: string }[] {
  return field.options.map((option) => ({ value: option, label: labelOf(option) }));
}
