import { top50 } from './top50.ts';
import type { Case } from '../types.ts';

/** From the bytes of the wire to all rows held and the list of top50 readable; ops_per_s counts rows. */
export const load: Case = { ...top50, name: 'load', about: 'all leads from the wire format, with the list of top50', measures: 'load' };

/** The same, until the first 50 rows can be read. */
export const first50: Case = { ...top50, name: 'first-50', about: 'the first 50 rows while all leads are loading', measures: 'first' };
