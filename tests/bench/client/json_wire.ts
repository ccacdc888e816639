// The wire of the engines without a format of their own: JSON text, as a server would send it to them.
import type { Lead, Op, User, Workload } from './types.ts';

export interface JsonWire {
  readonly initial: string;
  readonly frames: readonly string[];
}
export interface Initial {
  readonly leads: Lead[];
  readonly users: User[];
}

export function encodeJson(workload: Workload): JsonWire {
  return {
    initial: JSON.stringify({ leads: workload.leads, users: workload.users }),
    // The changes of an optimistic case are made here: nothing of them comes in.
    frames: workload.optimistic ? [] : workload.ops.map((op) => JSON.stringify(op)),
  };
}
export const parseInitial = (text: string): Initial => JSON.parse(text) as Initial;
export const parseOp = (text: string): Op => JSON.parse(text) as Op;
