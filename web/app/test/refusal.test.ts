// Rule: a refusal stands at the field it is about, and speaks of fields as people do.
import { MutationRefused, ValueError } from '@syncline/client';
import type { TFunction } from 'i18next';
import { expect, it } from 'vitest';
import { formatValue } from '../src/fields/format.ts';
import { isInternal, withLaterNeeds } from '../src/fields/presentation.ts';
import { collectionNamed, fieldNamed, orderOf } from '../src/fields/reference.ts';
import { refusalText, sortRefusal } from '../src/fields/refusal.ts';

const t = ((key: string, parameters?: object) => `${key} ${JSON.stringify(parameters ?? {})}`) as unknown as TFunction;
const deals = collectionNamed('deals');
const refused = new MutationRefused({
  code: 'invalid', message: 'Some fields need attention.',
  fields: [{ field: 'name', code: 'required', message: 'Enter a value.' }, { field: 'companyId', code: 'bad_reference', message: 'Choose another.' }],
});

it('sorts what is wrong to the fields that are shown', () => {
  expect(sortRefusal(t, refused, [fieldNamed(deals, 'name')], deals)).toEqual({ byField: { name: 'Enter a value.' }, rest: 'Company: Choose another.' });
});

it('names fields by their labels', () => {
  expect(refusalText(t, refused, deals.fields)).toBe('Name: Enter a value.\nCompany: Choose another.');
  const error = new ValueError('expectedCloseOn', 'expectedCloseOn must be a date', 'a date');
  expect(refusalText(t, error)).toBe('toast.mustBe {"field":"Expected close on","expected":"a date"}');
});

it('says of values what their type does not', () => {
  expect(formatValue(fieldNamed(collectionNamed('companies'), 'foundedYear'), 1947)).toBe('1947');
  expect(formatValue(fieldNamed(collectionNamed('phone_calls'), 'durationSeconds'), 125)).toBe('2:05');
  expect(formatValue(fieldNamed(collectionNamed('companies'), 'kinds'), ['customer', 'carrier'])).toBe('Customer, Carrier');
  expect(formatValue(fieldNamed(collectionNamed('contacts'), 'tags'), ['vip'])).toBe('vip');
  expect(isInternal(fieldNamed(deals, 'position'))).toBe(true);
  expect(withLaterNeeds(fieldNamed(deals, 'stageId')).required).toBe(true);
});

it('offers stages as the pipeline has them, and deals by name', () => {
  expect(orderOf(collectionNamed('deal_stages'))[0]).toBe('position');
  expect(orderOf(deals)).toEqual(['name']);
});
