// A mutation is kept as JSON by names, and sent as bytes by numbers: nothing of it may get lost between the two.
import { expect, it } from 'vitest';
import { ArchiveReader, ArchiveWriter, newId } from '../src/archive.ts';
import { schema } from '../src/generated/schema.ts';
import { encodeMutation, mutatorOf, readMutation } from '../src/host/wire.ts';
import { writeValue } from '../src/value.ts';

it('a stored mutation becomes the bytes that it came from, whatever its writes do', () => {
  const name = 'crm.leads.update';
  const score = mutatorOf(schema, name).arguments.find((field) => field.type === 'integer')!;
  const [INCREMENT, ASSIGN] = [1, 0];
  const out = new ArchiveWriter();
  out.id(newId()).u64(7).text(name);
  out.list([INCREMENT, ASSIGN], (kind) => {
    if (kind === ASSIGN) return void out.u16(0).u8(ASSIGN).u8(5).id(newId());
    out.u16(score.id).u8(INCREMENT);
    writeValue(out, score, 3);
  });
  const NONE = 0xffff; // no collection: what it takes back
  out.list([NONE], (none) => out.u16(none).id(newId()).u16(NONE).u64(6));
  const bytes = out.i64(5).finish();
  const stored = readMutation(schema, new ArchiveReader(bytes));
  expect(stored.kinds).toEqual({ [score.name]: INCREMENT });
  expect(encodeMutation(schema, structuredClone(stored))).toEqual(bytes);
});
