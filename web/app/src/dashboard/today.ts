// The current day as state: queries that say "in the last 30 days" change once a day, not on every render.
import { useEffect, useState } from 'react';

const DAY_MS = 86_400_000;

export function startOfDay(now: number): number {
  return new Date(now).setHours(0, 0, 0, 0);
}

export function daysFromToday(today: number, days: number): number {
  return startOfDay(today + days * DAY_MS);
}

/** Local midnight, moving on when the day does. */
export function useToday(): number {
  const [today, setToday] = useState(() => startOfDay(Date.now()));
  useEffect(() => {
    const timer = setTimeout(() => setToday(startOfDay(Date.now())), today + DAY_MS - Date.now() + 1_000);
    return () => clearTimeout(timer);
  }, [today]);
  return today;
}
