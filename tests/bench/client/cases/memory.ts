import { top50 } from './top50.ts';
import type { Case } from '../types.ts';

/** `bytes` is what the engine holds after the changes: JavaScript heap after a collection, array buffers, WebAssembly pages. */
export const memory: Case = { ...top50, name: 'memory', about: 'what all leads, their indexes and the list of top50 take', measures: 'memory' };
