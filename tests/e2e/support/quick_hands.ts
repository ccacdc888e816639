// Many people at once: their hands are a script within each page, which uses the application's own fields, buttons and keys. A
// driver outside of ten pages spends longer on its messages than the pages on the edits.
import type { Page } from 'playwright-core';

interface Typing {
  readonly field: string;
  readonly values: readonly string[];
  /** From the beginning of one edit to that of the next, ms. */
  readonly every: number;
}

/**
 * Edits a text field of the open record page again and again, as somebody who puts off every conflict that a dialog tells of, and
 * keeps his own value where he is asked under the field.
 */
export async function typeQuickly(page: Page, typing: Typing): Promise<void> {
  await page.evaluate(async ({ field, values, every }: Typing) => {
    const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
    const input = () => find(`field-${field}-input`) as HTMLInputElement | null;
    const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const write = (into: HTMLInputElement, value: string) => {
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!.call(into, value);
      into.dispatchEvent(new Event('input', { bubbles: true }));
    };
    /** The next thing that a person does who sees the page as it is now. `typed`: the value was in the box. */
    const next = (value: string, typed: boolean): 'goes on' | 'is done' => {
      const open = input();
      const question = find('conflict-later') ?? find('overtaken-mine');
      if (question) question.click();
      else if (open && open.value !== value) write(open, value);
      else if (open) open.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
      else if (typed) return 'is done';
      else find(`field-${field}`)?.querySelector<HTMLElement>('[role=button]')?.click();
      return 'goes on';
    };
    const began = performance.now();
    for (const [i, value] of values.entries()) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, began + i * every - performance.now())));
      for (let typed = false; next(value, typed) === 'goes on'; ) {
        await nextFrame();
        typed ||= input()?.value === value;
      }
    }
  }, typing);
}
