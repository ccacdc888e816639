// A box for values that have a form: numbers, dates, times. What is typed stays as it was typed; what cannot be read is said
// when one leaves the box, and is no value until it is mended.
import type { JsValue } from '@syncline/client';
import { Popover, TextInput } from '@mantine/core';
import { DatePicker } from '@mantine/dates';
import { type ComponentProps, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Codec } from './codec.ts';

interface TypedInputProps extends Omit<ComponentProps<typeof TextInput>, 'value' | 'onChange' | 'error'> {
  readonly codec: Codec;
  readonly value: JsValue;
  /** `problem` says why the text is no value; `value` is null then. */
  readonly onChange: (value: JsValue, problem: string | null) => void;
  readonly error?: string | null | undefined;
}

export function TypedInput({ codec, value, onChange, error, onKeyDown, ...input }: TypedInputProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(() => codec.write(value));
  const [judged, setJudged] = useState(false);
  const [opened, setOpened] = useState(false);
  const known = useRef(value);
  useEffect(() => {
    if (value === known.current) return;
    known.current = value;
    setText(codec.write(value));
    setJudged(false);
  }, [value, codec]);

  const reading = codec.read(text);
  const complaint = 'problem' in reading ? t(`input.${reading.problem.key}`, reading.problem.with) : null;
  const type = (next: string) => {
    setText(next);
    const now = codec.read(next);
    known.current = 'problem' in now ? null : now.value;
    onChange(known.current, 'problem' in now ? t(`input.${now.problem.key}`, now.problem.with) : null);
  };
  const pick = (day: string | null) => {
    if (day !== null && codec.calendar) type(codec.write(codec.calendar.on(day, known.current)));
    setOpened(false);
  };
  const onKey = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter') setJudged(true);
    if (event.key === 'Enter' || event.key === 'Escape') setOpened(false);
    onKeyDown?.(event);
  };
  const box = (
    <TextInput
      {...input} value={text} placeholder={codec.placeholder} inputMode={codec.inputMode} autoComplete="off"
      error={error ?? (judged ? complaint : null)} errorProps={{ role: 'alert' }}
      data-mantine-stop-propagation={opened || undefined}
      onChange={(event) => {
        type(event.currentTarget.value);
        setOpened(true);
      }}
      onKeyDown={onKey}
      onFocus={() => setOpened(true)} onClick={() => setOpened(true)}
      onBlur={() => {
        setOpened(false);
        setJudged(true);
        if (!('problem' in reading) && text !== '') setText(codec.write(known.current));
      }}
    />
  );
  if (!codec.calendar) return box;
  const day = codec.calendar.dayOf('problem' in reading ? null : reading.value);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" trapFocus={false} withRoles={false}>
      <Popover.Target>{box}</Popover.Target>
      {/* The box keeps the focus: leaving it saves. */}
      <Popover.Dropdown onMouseDown={(event) => event.preventDefault()}>
        <DatePicker key={day?.slice(0, 7)} size="sm" value={day} onChange={pick} {...(day ? { defaultDate: day } : {})} />
      </Popover.Dropdown>
    </Popover>
  );
}
