// Edits one field's value. Controlled: `value` in the SDK's form (SEMANTICS 42), onChange with the same. The one place that
// knows how each type is typed in; forms, inline cells and filters all use it.
import type { FieldMeta, JsValue } from '@syncline/client';
import { NumberInput, Select, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import { DateInput, DateTimePicker } from '@mantine/dates';
import dayjs from 'dayjs';
import { fieldLabel, labelOf } from './format.ts';
import { ReferencePicker } from './reference_picker.tsx';

export interface FieldEditorProps {
  readonly field: FieldMeta;
  readonly value: JsValue;
  readonly onChange: (value: JsValue) => void;
  readonly label?: string;
  readonly error?: string | null;
  readonly autoFocus?: boolean;
  readonly onKeyDown?: (event: React.KeyboardEvent) => void;
}

const text = (value: JsValue): string => (typeof value === 'string' ? value : '');

export function FieldEditor({ field, value, onChange, label, error, autoFocus, onKeyDown }: FieldEditorProps) {
  const common = {
    label, error,
    size: 'sm' as const,
    required: field.required && label !== undefined,
    'data-testid': `field-${field.name}-input`,
    'aria-label': label ?? fieldLabel(field),
    onKeyDown,
    ...(autoFocus ? { autoFocus: true, 'data-autofocus': true } : {}),
  };
  switch (field.type) {
    case 'boolean':
      return <Switch {...common} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case 'integer':
    case 'decimal':
      return (
        <NumberInput
          {...common} hideControls thousandSeparator decimalScale={field.type === 'decimal' ? field.scale : 0}
          {...numberBounds(field)}
          value={typeof value === 'number' ? value : ''}
          onChange={(next) => onChange(next === '' ? null : Number(next))}
        />
      );
    case 'enumeration':
      return (
        <Select
          {...common} searchable clearable={!field.required} comboboxProps={{ withinPortal: true }}
          data={field.options.map((option) => ({ value: option, label: labelOf(option) }))}
          value={typeof value === 'string' ? value : null} onChange={onChange}
        />
      );
    case 'reference':
      return <ReferencePicker {...common} field={field} value={typeof value === 'string' ? value : null} onChange={onChange} />;
    case 'set':
      return (
        <TagsInput {...common} data={[...field.options]} value={Array.isArray(value) ? [...value] : []} onChange={onChange} />
      );
    case 'date':
      return (
        <DateInput {...common} clearable valueFormat="YYYY-MM-DD" value={typeof value === 'string' ? value : null} onChange={onChange} />
      );
    case 'timestamp':
      return (
        <DateTimePicker
          {...common} clearable valueFormat="YYYY-MM-DD HH:mm"
          value={typeof value === 'number' ? dayjs(value).format('YYYY-MM-DD HH:mm:ss') : null}
          onChange={(next) => onChange(next ? dayjs(next).valueOf() : null)}
        />
      );
    case 'long_text':
      return (
        <Textarea {...common} autosize minRows={3} maxRows={12} value={text(value)} onChange={(event) => onChange(event.currentTarget.value)} />
      );
    case 'text':
      return <TextInput {...common} type={INPUT_TYPES[field.format] ?? 'text'} value={text(value)} onChange={(event) => onChange(event.currentTarget.value)} />;
  }
}

const INPUT_TYPES: Readonly<Record<string, string>> = { email: 'email', phone: 'tel', url: 'url' };

function numberBounds(field: FieldMeta): { min?: number; max?: number } {
  const unit = 10 ** field.scale;
  return {
    ...(field.min !== null ? { min: field.min / unit } : {}),
    ...(field.max !== null ? { max: field.max / unit } : {}),
  };
}
