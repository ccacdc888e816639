// The machine's clock may be set back at any moment: deadlines must not wait for it to come round again, and what was done first
// must be sent first.
import { newId } from '../archive.ts';

/** By so much two clocks may differ that nobody has set. */
const TOLERANCE_MS = 1_000;

/** Milliseconds since 1970 that never go back, and go on while the machine's clock is behind what it said before. */
export class SteadyClock {
  /** Of this clock to the machine's. */
  private ahead = 0;
  private last = 0;
  private lastTick = 0;

  now(): number {
    const tick = performance.now();
    const ticked = this.last === 0 ? 0 : this.last + Math.floor(tick - this.lastTick);
    const told = Date.now() + this.ahead;
    // Only the machine's clock knows of a sleep: what it gains is time that passed.
    const isSetBack = told < ticked - TOLERANCE_MS;
    if (isSetBack) this.ahead += ticked - told;
    const now = isSetBack ? ticked : Math.max(told, this.last);
    if (now > this.last) {
      this.last = now;
      this.lastTick = tick;
    }
    return now;
  }

  /** As the machine's clock would say it. */
  told(at: number): number {
    return at - this.ahead;
  }
}

/**
 * `client`, or where one of those before it is as late, a new id behind them all: the queue is sent in the order of its clients,
 * and that is the order of their time, whatever clock they had.
 */
export function laterThan(before: readonly string[], client: string): string {
  const latest = before.reduce((one, other) => (one > other ? one : other), '');
  return client > latest ? client : newId(Number.parseInt(latest.replaceAll('-', '').slice(0, 12), 16) + 1);
}
