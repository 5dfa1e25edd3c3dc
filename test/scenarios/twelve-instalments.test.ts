import { expect, test } from 'vitest';
import { dateOf } from '#src/kernel/time.ts';
import { aTrade, clientIdOf } from '#test/support/commands.ts';
import { ENGINES } from '#test/support/house.ts';
import { readAfter, send, TYPED_CARD } from '#test/support/pages.ts';
import { textOf } from '#test/support/portal.ts';

const CARD = { with: 'card', ...TYPED_CARD };
const NEW = '/payment_methods/new';

/**
 * One large invoice in twelve instalments, approved with a card. The card is good until April 2027, so May's instalment fails; with a new card
 * it is collected by itself before its retry, and everything else comes on its day.
 */
test.each(ENGINES)(
  'twelve instalments, of which one fails until there is a new card, on %s',
  async (engine) => {
    const { open, merchant, comes } = await aTrade(engine);
    const { words, json } = merchant;
    const invoice = await json(
      'invoice issue acme --customer CUST-00001 --line Machine;1;1000 --due 2026-12-07',
    );
    const path = `/invoices/${clientIdOf(invoice)}/plan`;
    const plan = await json<{ installments: Array<{ date: number }> }>(
      'plan attach acme INV-0001 --count 12 --every month --first 2026-12-31',
    );
    const petra = await comes();
    expect(textOf((await petra.get('/')).text)).toContain('Approve the payment plan for INV-0001');
    const approval = await send(petra, path, path, { ...CARD, expiry: '04/27', agree: 'on' });
    const approved = await readAfter(petra, approval);
    expect(approved).toContain('Next: €83.34 on 31 December 2026, collected from Visa ending 4242');
    expect(approved).toContain('It expires before the last instalment');

    const taken: string[] = [];
    for (const day of plan.installments.map(({ date }) => dateOf(date * 1000, 'Europe/Berlin'))) {
      await lives(dayBefore(day));
      await lives(day);
      if (day === '2027-05-31') await bringsANewCard();
    }
    await lives('2027-12-31');

    expect(taken).toEqual([
      '2026-12-31 8334 succeeded',
      '2027-01-31 8334 succeeded',
      '2027-02-28 8334 succeeded',
      '2027-03-31 8334 succeeded',
      '2027-04-30 8333 succeeded',
      '2027-05-31 8333 declined',
      '2027-06-01 8333 succeeded',
      '2027-06-30 8333 succeeded',
      '2027-07-31 8333 succeeded',
      '2027-08-31 8333 succeeded',
      '2027-09-30 8333 succeeded',
      '2027-10-31 8333 succeeded',
      '2027-11-30 8333 succeeded',
    ]);
    expect(await json('plan show acme INV-0001')).toMatchObject({ status: 'finished', balance: 0 });
    expect(await json('invoice show acme INV-0001')).toMatchObject({ paid: true, balance: 0 });
    expect(textOf((await (await comes()).get(path)).text)).toContain('Every instalment is paid. Thank you.');
    const subjects = (await json<Array<{ subject: string }>>('mail list acme')).map(({ subject }) => subject);
    expect(subjects.filter((subject) => subject.startsWith('Receipt'))).toHaveLength(12);
    expect(subjects.filter((subject) => subject.includes('couldn’t collect'))).toHaveLength(1);
    expect(await json('db check')).toMatchObject({ ok: true });

    /** The background works on that day; what the gateway was asked for is written down. */
    async function lives(day: string): Promise<void> {
      await words(`clock set acme ${day}`);
      const before = open.gateway.book().length;
      await words('work --once');
      for (const { minor, state } of open.gateway.book().slice(before))
        taken.push(`${day} ${minor} ${state}`);
    }

    /** Nothing else is asked for: the background work finds that there is a new card. */
    async function bringsANewCard(): Promise<void> {
      await words('clock set acme 2027-06-01');
      const back = await comes();
      const page = textOf((await back.get(path)).text);
      expect(page).toContain('We could not collect €83.33 on 31 May 2027');
      expect(page).toContain('We try again on 3 June 2027');
      const card = { ...CARD, number: '5454545454545454', expiry: '12/30', use: 'on' };
      const before = open.gateway.book().length;
      expect(await readAfter(back, await send(back, NEW, NEW, card))).toContain('Mastercard ending 5454');
      for (const { minor, state } of open.gateway.book().slice(before))
        taken.push(`2027-06-01 ${minor} ${state}`);
      await lives('2027-06-01');
    }
  },
);

function dayBefore(day: string): string {
  return Temporal.PlainDate.from(day).subtract({ days: 1 }).toString();
}
