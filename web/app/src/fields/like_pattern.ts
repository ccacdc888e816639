/** The pattern that matches what was typed, anywhere; LIKE's own signs are taken literally. */
export function likePattern(typed: string): string {
  return `%${typed.replace(/[\\%_]/g, '\\$&')}%`;
}
