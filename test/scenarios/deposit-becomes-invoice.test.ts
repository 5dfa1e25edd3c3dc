import { expect, test } from 'vitest';
import { aTrade, clientIdOf } from '#test/support/commands.ts';
import { ENGINES } from '#test/support/house.ts';
import { readAfter, send, TYPED_CARD } from '#test/support/pages.ts';
import { textOf } from '#test/support/portal.ts';

const CARD = { with: 'card', ...TYPED_CARD };

test.each(ENGINES)(
  'a kitchen is offered, approved with half of it paid, invoiced a month later, and paid to the cent, on %s',
  async (engine) => {
    const { open, merchant, comes } = await aTrade(engine);
    const { words, json, refused } = merchant;
    const to = 'acme --customer CUST-00001';

    // Monday: the joiner offers. The customer looks, and thinks about it.
    const offer = await json(
      `estimate issue ${to} --line Kitchen;1;2800 --line Delivery;2;140 --tax VAT;0% --deposit 50% --expires 2026-12-07 --purchase-order HOME-1`,
    );
    expect(offer).toMatchObject({ number: 'EST-0001', total: 3080, deposit: 1540, status: 'sent' });
    const path = `/estimates/${clientIdOf(offer)}`;
    const petra = await comes();
    expect(textOf((await petra.get('/')).text)).toContain('Approve estimate EST-0001');
    await petra.get(path);
    expect(await json('estimate show acme EST-0001')).toMatchObject({ status: 'viewed' });
    await refused('estimate invoice acme EST-0001', /approved/i);

    // Five days later they approve; their bank asks once more.
    await words('clock advance acme 5d');
    const back = await comes();
    const form = `${path}/approval`;
    const answer = { initials: 'PM', pays: 'deposit', ...CARD, number: '4000 0027 6000 3184' };
    const asked = await send(back, form, form, answer);
    expect(await json('estimate show acme EST-0001')).toMatchObject({ approved: null, deposit_paid: false });
    const challenge = String(asked.headers.location);
    expect(await readAfter(back, await send(back, challenge, challenge, { answer: 'approve' }))).toContain(
      'Deposit, kept for its invoice',
    );
    expect(await json('estimate show acme EST-0001')).toMatchObject({
      status: 'approved',
      approved: 'PM',
      deposit_paid: true,
      amount_paid: 1540,
    });

    // The monthly invoice comes first. The deposit is not for that one, the credit note is.
    await words('clock advance acme 10d');
    await words(`credit-note issue ${to} --line Scratch;1;15`);
    expect(await json(`invoice issue ${to} --line Care;1;40`)).toMatchObject({ total: 40, balance: 25 });

    // The kitchen stands: the estimate becomes an invoice, and the deposit pays its half of it.
    await words('clock advance acme 20d');
    const invoice = await json('estimate invoice acme EST-0001 --due 2027-01-11');
    expect(invoice).toMatchObject({ total: 3080, balance: 1540, purchase_order: 'HOME-1' });
    expect(await json('estimate show acme EST-0001')).toMatchObject({ status: 'invoiced' });

    // A gift of the joiner's is used by the customer; the rest of both invoices is paid by card.
    await words('credit adjust acme CUST-00001 --add 40 --notes Patience');
    const later = await comes();
    expect(textOf((await later.get(path)).text)).toContain('Show invoice');
    expect(textOf((await later.get('/')).text)).toContain('Credit €40.00');
    expect(
      await readAfter(later, await send(later, `/credit?invoice=${clientIdOf(invoice)}`, '/credit', {})),
    ).toContain('€40.00');
    expect(textOf((await later.get('/pay')).text)).toContain('Pay €1,525.00');
    expect(await readAfter(later, await send(later, '/pay', '/pay', CARD))).toContain('Thank you.');

    for (const { balance, paid } of await json<Array<{ balance: number; paid: boolean }>>(
      'invoice list acme',
    ))
      expect({ balance, paid }).toEqual({ balance: 0, paid: true });
    const credit = await json<{ history: Array<{ type: string; amount: number }> }>(
      'credit show acme CUST-00001',
    );
    expect(credit).toMatchObject({
      balances: [{ credit_balance: 0, available_credits: 0, held_deposits: 0, open_credit_notes: [] }],
    });
    expect(credit.history.map(({ type, amount }) => `${type} ${amount}`)).toEqual([
      'credit_applied -40',
      'credit_adjustment 40',
      'credit_applied -1540',
      'credit_applied -15',
      'credit_note 15',
      'payment 1540',
    ]);
    const taken = open.gateway.book().filter(({ state }) => state === 'succeeded');
    expect(taken.map(({ minor }) => minor)).toEqual([154_000, 152_500]);
    expect(await json('db check')).toMatchObject({ ok: true });
  },
);
