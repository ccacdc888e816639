import type { Case } from '../types.ts';
import { group } from './group.ts';
import { join } from './join.ts';
import { first50, load } from './load.ts';
import { memory } from './memory.ts';
import { optimistic } from './optimistic.ts';
import { queries1000, queries10000 } from './queries.ts';
import { top50 } from './top50.ts';
import { window100k } from './window_100k.ts';

export const cases: readonly Case[] = [top50, queries1000, queries10000, group, join, optimistic, window100k, first50, load, memory];
