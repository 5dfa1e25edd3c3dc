import { expect, test } from 'vitest';
import { aGuest } from '#test/support/pages.ts';
import { textOf } from '#test/support/portal.ts';

const WRONG = 'Until is before From. Choose a later day.';

test.each(['/invoices', '/estimates', '/credit_notes', '/payments'])(
  '%s: days the wrong way round are said at the field, which has the cursor; one day alone is a range',
  async (path) => {
    const { visitor } = await aGuest('sqlite', [1_000]);
    const wrong = await visitor.get(`${path}?from=2026-11-30&until=2026-11-01`);
    expect(wrong.status).toBe(200);
    expect(textOf(wrong.text)).toContain(WRONG);
    const [input = ''] = /<input[^>]*name="until"[^>]*>/.exec(wrong.text) ?? [];
    expect(input).toMatch(/aria-invalid="true"/);
    expect(input).toMatch(/autofocus/);
    for (const right of ['?from=2026-11-01&until=2026-11-01', '?from=2026-11-30', '?until=2026-11-01', ''])
      expect(textOf((await visitor.get(`${path}${right}`)).text), right).not.toContain(WRONG);
  },
);
