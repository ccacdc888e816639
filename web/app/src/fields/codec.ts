// How each type that is typed as text is written into a box and read from it.
import type { FieldMeta, JsValue } from '@syncline/client';
import { presentationOf } from './presentation.ts';
import { dateForm, localDay, momentAt, momentForm, readDate, readMoment, writeDate, writeMoment } from './read_date.ts';
import { readDuration, readNumber, showDuration, writeNumber } from './read_number.ts';
import type { Reading } from './reading.ts';

export interface Codec {
  readonly placeholder: string;
  readonly inputMode: 'decimal' | 'numeric' | 'text';
  readonly read: (text: string) => Reading;
  readonly write: (value: JsValue) => string;
  /** For what is on a day: the day that a text names, and the value of another day. */
  readonly calendar?: {
    readonly dayOf: (value: JsValue) => string | null;
    readonly on: (day: string, before: JsValue) => JsValue;
  };
}

const START_OF_WORK = 9;

function dateCodec(locale: string): Codec {
  return {
    placeholder: dateForm(locale), inputMode: 'text',
    read: (text) => readDate(text, locale),
    write: (value) => (typeof value === 'string' ? writeDate(value, locale) : ''),
    calendar: { dayOf: (value) => (typeof value === 'string' ? value : null), on: (day) => day },
  };
}

function momentCodec(locale: string): Codec {
  return {
    placeholder: momentForm(locale), inputMode: 'text',
    read: (text) => readMoment(text, locale),
    write: (value) => writeMoment(value, locale),
    calendar: {
      dayOf: (value) => (typeof value === 'number' ? localDay(new Date(value)) : null),
      on: (day, before) => {
        const at = typeof before === 'number' ? new Date(before) : null;
        return momentAt(day, at?.getHours() ?? START_OF_WORK, at?.getMinutes() ?? 0) ?? momentAt(day, 12, 0);
      },
    },
  };
}

/** null for types that are not typed as text of a form. */
export function codecOf(field: FieldMeta, locale: string): Codec | null {
  if (field.type === 'date') return dateCodec(locale);
  if (field.type === 'timestamp') return momentCodec(locale);
  if (field.type !== 'integer' && field.type !== 'decimal') return null;
  if (presentationOf(field) === 'seconds') {
    return {
      placeholder: 'm:ss', inputMode: 'text',
      read: (text) => readDuration(field, text, locale),
      write: (value) => (typeof value === 'number' ? showDuration(value) : ''),
    };
  }
  return {
    placeholder: '', inputMode: field.min !== null && field.min >= 0 ? (field.scale > 0 ? 'decimal' : 'numeric') : 'text',
    read: (text) => readNumber(field, text, locale),
    write: (value) => writeNumber(field, value, locale),
  };
}
