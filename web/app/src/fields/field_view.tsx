// Shows one field of a row. The one place that knows how each type looks; lists, pages and boards all use it.
import type { CollectionMeta, FieldMeta, Row } from '@syncline/client';
import { Anchor, Badge, Group, Text, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { colorOfOption } from './colors.ts';
import { DASH, formatMoment, formatRelative, formatValue, itemLabel, labelOf } from './format.ts';
import { collectionNamed, includedRow, pathOf, titleOf } from './reference.ts';

interface FieldViewProps {
  readonly collection: CollectionMeta;
  readonly field: FieldMeta;
  readonly row: Row;
  /** Links inside a clickable row would be two targets in one. */
  readonly plain?: boolean;
}

/** The field looks the same in both; what is said of a time depends on the present one, too. */
export function looksTheSame(field: FieldMeta, one: Row, other: Row): boolean {
  if (field.type === 'timestamp') return false;
  if (one === other) return true;
  if (one[field.name] !== other[field.name]) return false;
  return field.type !== 'reference' || includedRow(one, field) === includedRow(other, field);
}

/** A change of a record is one of a field or two: the others are not rendered again. */
export const FieldView = memo(ShownField, (before, now) =>
  before.field === now.field && before.plain === now.plain && looksTheSame(now.field, before.row, now.row));

function ShownField({ field, row, plain = false }: FieldViewProps) {
  const value = row[field.name];
  if (value === null || value === undefined || value === '') return <Text span inherit c="dimmed">{DASH}</Text>;
  switch (field.type) {
    case 'enumeration':
      return <Badge variant="light" size="sm" radius="sm" color={colorOfOption(String(value))} tt="none">{labelOf(String(value))}</Badge>;
    case 'timestamp':
      return (
        <Tooltip label={formatMoment(Number(value))} openDelay={400}>
          <Text span inherit>{formatRelative(Number(value))}</Text>
        </Tooltip>
      );
    case 'set':
      return (
        <Group gap={4} wrap="nowrap">
          {(Array.isArray(value) ? value : []).map((item) => (
            <Badge key={item} variant="default" size="sm" radius="sm" tt="none">{itemLabel(field, item)}</Badge>
          ))}
        </Group>
      );
    case 'reference':
      return <ReferenceView field={field} row={row} plain={plain} />;
    default:
      return <TextView field={field} text={formatValue(field, value)} plain={plain} />;
  }
}

function ReferenceView({ field, row, plain }: { readonly field: FieldMeta; readonly row: Row; readonly plain: boolean }) {
  const target = collectionNamed(field.target ?? '');
  const included = includedRow(row, field);
  if (!included) return <Text span inherit c="dimmed">{DASH}</Text>;
  const title = titleOf(target, included);
  const path = pathOf(target.name, included.id);
  if (plain || !path) return <Text span inherit>{title}</Text>;
  return <Anchor component={Link} to={path} inherit onClick={(event) => event.stopPropagation()}>{title}</Anchor>;
}

function TextView({ field, text, plain }: { readonly field: FieldMeta; readonly text: string; readonly plain: boolean }) {
  const numeric = field.type === 'decimal' || field.type === 'integer';
  if (plain || field.format === 'plain') {
    return <Text span inherit style={numeric ? { fontVariantNumeric: 'tabular-nums' } : undefined}>{text}</Text>;
  }
  const href = { email: `mailto:${text}`, phone: `tel:${text}`, url: /^https?:/.test(text) ? text : `https://${text}` };
  if (field.format === 'email' || field.format === 'phone' || field.format === 'url') {
    return (
      <Anchor
        href={href[field.format]} target={field.format === 'url' ? '_blank' : undefined} rel="noreferrer" inherit
        onClick={(event) => event.stopPropagation()}
      >
        {text}
      </Anchor>
    );
  }
  return <Text span inherit>{text}</Text>;
}
