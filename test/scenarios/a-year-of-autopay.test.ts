import { expect, test } from 'vitest';
import { dateOf } from '#src/kernel/time.ts';
import { aTrade, type Merchant } from '#test/support/commands.ts';
import { ENGINES } from '#test/support/house.ts';
import { readAfter, send, TYPED_CARD } from '#test/support/pages.ts';
import { textOf } from '#test/support/portal.ts';

const MONTHS = ['2026-12', ...Array.from({ length: 11 }, (_, i) => `2027-${String(i + 1).padStart(2, '0')}`)];
const ON = { action: 'on', with: 'card', ...TYPED_CARD };

/**
 * Twelve invoices, one a month, collected by AutoPay. The card is good until May, of which a mail tells: June's invoice fails, is retried after three days, and is
 * paid at once when the customer adds a new card two days later. The clock then goes on into the next year.
 */
test.each(ENGINES)(
  'a year of AutoPay, with a card that expires in its seventh month, on %s',
  async (engine) => {
    const { open, merchant, comes } = await aTrade(engine);
    const { words, json } = merchant;
    const petra = await comes();
    const first = await send(petra, '/autopay', '/autopay', { ...ON, expiry: '05/27' });
    expect(await readAfter(petra, first)).toContain('Visa ending 4242');

    for (const month of MONTHS) {
      await words(`clock set acme ${month}-01`);
      await words(`invoice issue acme --customer CUST-00001 --line Paper;1;99.90 --due ${month}-15`);
      expect(await collectedOn(merchant, `${month}-14`)).toBe(0);
      expect(await collectedOn(merchant, `${month}-15`)).toBe(1);
      expect(await collectedOn(merchant, `${month}-15T20:00:00Z`)).toBe(0);
      if (month === '2027-06') await bringsANewCard();
    }
    expect(await collectedOn(merchant, '2028-01-10')).toBe(0);

    const payments = await json<Array<{ date: number; method_label: string }>>('payment list acme');
    expect(payments.map(({ date }) => dateOf(date * 1000, 'Europe/Berlin'))).toEqual(
      MONTHS.map((month) => (month === '2027-06' ? '2027-06-20' : `${month}-15`)),
    );
    const cards = payments.map(({ method_label: label }) => label);
    expect(cards).toEqual([...Array(6).fill('Visa ending 4242'), ...Array(6).fill('Mastercard ending 5454')]);
    expect(open.gateway.book().filter(({ state }) => state === 'succeeded')).toHaveLength(12);
    expect(open.gateway.book()).toHaveLength(14);
    const subjects = (await json<Array<{ subject: string }>>('mail list acme')).map(({ subject }) => subject);
    expect(subjects.filter((subject) => subject.startsWith('Receipt'))).toHaveLength(12);
    expect(subjects.filter((subject) => subject.includes('couldn’t collect'))).toHaveLength(2);
    expect(subjects.filter((subject) => subject.includes('expires on'))).toEqual([
      'Your Visa ending 4242 expires on 31 May 2027',
    ]);
    const home = textOf((await (await comes()).get('/')).text);
    expect(home).toContain('You are all paid up. Thank you.');
    expect(await json('db check')).toMatchObject({ ok: true });

    async function bringsANewCard(): Promise<void> {
      expect(await collectedOn(merchant, '2027-06-17')).toBe(0);
      expect(await collectedOn(merchant, '2027-06-18')).toBe(1);
      await words('clock set acme 2027-06-20');
      const back = await comes();
      const asked = textOf((await back.get('/')).text);
      expect(asked).toContain('We could not collect INV-0007 We try again on 23 June 2027');
      expect(asked).toContain('Your Visa ending 4242 has expired');
      const second = { ...ON, number: '5454545454545454', expiry: '12/30' };
      expect(await readAfter(back, await send(back, '/autopay', '/autopay', second))).toContain(
        'has been collected for 1 invoice.',
      );
      expect(textOf((await back.get('/')).text)).not.toContain('could not collect');
    }
  },
);

/** Moves the clock there, lets the background work, and answers how many tries of AutoPay it made. */
async function collectedOn({ words }: Merchant, moment: string): Promise<number> {
  await words(`clock set acme ${moment}`);
  return Number(/collected (\d+)$/.exec(await words('work --once'))?.[1]);
}
