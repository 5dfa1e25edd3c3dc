import { describe, expect, test } from 'vitest';
import { aTrade, clientIdOf, customerWithLink, type Merchant, type Trade } from '#test/support/commands.ts';
import { ENGINES } from '#test/support/house.ts';
import { portalIn } from '#test/support/in-process.ts';
import { readAfter, send, TYPED_CARD, TYPED_IBAN } from '#test/support/pages.ts';
import { textOf } from '#test/support/portal.ts';

const CARD = { with: 'card', ...TYPED_CARD };
const DECLINED = { ...CARD, number: '4000 0000 0000 0069' };
const ISSUE = 'invoice issue acme --customer CUST-00001 --line Paper;1;100';

describe.each(ENGINES)('what is collected, and what a customer is told of it, on %s', (engine) => {
  test('the mail of a failed try says what failed, why, how much, when it is tried again, and leads where it can be mended', async () => {
    const { open, merchant, comes } = await aTrade(engine);
    const { words, json } = merchant;
    await words('settings set acme payments.fee_percent 2.5');
    await words('settings set acme autopay.retry_days 3');
    const invoice = clientIdOf(await json(`${ISSUE} --due 2026-11-25`));
    const petra = await comes();
    await send(petra, '/autopay', '/autopay', { ...DECLINED, action: 'on' });
    await words('clock set acme 2026-11-25');
    await words('work --once');

    const first = await lastMail(merchant);
    expect(first).toMatchObject({
      to: 'petra@mueller.example',
      subject: 'We couldn’t collect €102.50 for invoice INV-0001',
    });
    for (const said of [
      'Your payment of €102.50 for invoice INV-0001 didn’t go through.',
      'From Visa ending 0069: Your card was declined',
      'We’ll try again on 28 November 2026.',
      'because Müller pays invoices from ',
    ])
      expect(first.text).toContain(said);
    const origin = `http://acme.${open.config.baseUrl.host}`;
    const links = [`${origin}/payment_methods`, `${origin}/invoices/${invoice}`];
    for (const link of links) expect(first.text).toContain(link);
    expect(first.html).toContain(`href="${links[0]}"`);
    expect(textOf(first.html)).toMatch(/€102\.50[\s\S]*28 November 2026/);
    const back = await comes();
    for (const link of links) {
      const page = await back.get(new URL(link).pathname);
      expect(page.status, link).toBe(200);
      expect(textOf(page.text), link).toMatch(/Visa ending 0069|INV-0001/);
    }

    await words('clock set acme 2026-11-28');
    await words('work --once');
    const last = await lastMail(merchant);
    expect(last.id).toBeGreaterThan(first.id);
    expect(last.text).toContain('We won’t try again automatically. Please pay invoice INV-0001');
    expect(last.text).not.toContain('We’ll try again on');
    expect(await json('db check')).toMatchObject({ ok: true });
  });

  test('the mail about an instalment speaks of that instalment: the next one is no other try', async () => {
    const { merchant, comes } = await aTrade(engine);
    const { words, json } = merchant;
    await words('settings set acme autopay.retry_days 9');
    const invoice = clientIdOf(await json(`${ISSUE} --due 2026-11-25`));
    await words('plan attach acme INV-0001 --count 2 --every week --first 2026-11-25');
    const path = `/invoices/${invoice}/plan`;
    await send(await comes(), path, path, { ...DECLINED, agree: 'on' });
    await words('clock set acme 2026-11-25');
    await words('work --once');
    const first = await lastMail(merchant);
    expect(first.subject).toBe('We couldn’t collect €50.00 for invoice INV-0001');
    expect(first.text).toContain('We’ll try again on 4 December 2026.');
    await words('settings set acme autopay.retry_days 1');
    await words('clock set acme 2026-12-02');
    await words('work --once');
    await words('clock set acme 2026-12-03');
    await words('work --once');
    const mail = await lastMail(merchant);
    expect(mail.text).toContain('We won’t try again automatically');
  });

  test('the fee on cards is said before AutoPay collects, is taken on top, and pays nothing of the invoice', async () => {
    const { open, merchant, comes } = await aTrade(engine);
    const { words, json } = merchant;
    await words('settings set acme payments.fee_percent 2.5');
    const invoice = clientIdOf(await json(`${ISSUE} --due 2026-11-25`));
    const petra = await comes();
    expect(textOf((await petra.get('/autopay')).text)).toContain('Adds a fee of 2.5%');
    const on = { ...CARD, action: 'on' };
    const page = await readAfter(petra, await send(petra, '/autopay', '/autopay', on));
    expect(page).toContain('€102.50');
    expect(page).toContain('a fee of €2.50 included');
    expect(textOf((await petra.get(`/invoices/${invoice}`)).text)).toContain(
      '€102.50 (a fee of €2.50 included) is collected on 25 November 2026 from Visa ending 4242',
    );
    await words('clock set acme 2026-11-25');
    expect(await json('autopay run acme')).toMatchObject([{ amount: 100, state: 'succeeded' }]);
    expect(open.gateway.book()).toMatchObject([{ minor: 10_250, state: 'succeeded' }]);
    await expectFeeApart(merchant, 'R-00001', { amount: 100, fee: 2.5 });
    expect(await json('invoice show acme INV-0001')).toMatchObject({ paid: true, balance: 0 });
    expect(await readsReceipt({ merchant, comes })).toMatch(/€102\.50[\s\S]*€2\.50/);
    // A bank account costs nothing extra.
    await json(`${ISSUE} --due 2026-11-26`);
    const back = await comes();
    await send(back, '/autopay', '/autopay', { ...TYPED_IBAN, action: 'on' });
    expect(textOf((await back.get('/autopay')).text)).not.toContain('a fee of €');
    await words('clock set acme 2026-11-26');
    expect(await json('autopay run acme')).toMatchObject([{ amount: 100, state: 'succeeded' }]);
    expect(open.gateway.book()[1]).toMatchObject({ minor: 10_000 });
    expect(await json('db check')).toMatchObject({ ok: true });
  });

  test('the fee on cards is said before a plan is approved, is taken on top of each instalment, and pays nothing of them', async () => {
    const { open, merchant, comes } = await aTrade(engine);
    const { words, json } = merchant;
    await words('settings set acme payments.fee_percent 2.5');
    const path = `/invoices/${clientIdOf(await json(`${ISSUE} --due 2026-11-25`))}/plan`;
    await words(
      'plan attach acme INV-0001 --installment 2026-11-25=30 --installment 2026-12-25=30 --installment 2027-01-25=40',
    );
    const petra = await comes();
    expect(textOf((await petra.get(path)).text)).toContain(
      'With a card, a fee of 2.5% comes on top of each instalment: €30.75 for the first.',
    );
    const approved = await readAfter(petra, await send(petra, path, path, { ...CARD, agree: 'on' }));
    expect(approved).toContain('€30.75');
    for (const day of ['2026-11-25', '2026-12-25', '2027-01-25']) {
      await words(`clock set acme ${day}`);
      expect(await json('autopay run acme')).toMatchObject([{ state: 'succeeded' }]);
    }
    expect(open.gateway.book().map(({ minor }) => minor)).toEqual([3_075, 3_075, 4_100]);
    await expectFeeApart(merchant, 'R-00003', { amount: 40, fee: 1 });
    expect(await json('plan show acme INV-0001')).toMatchObject({ status: 'finished', balance: 0 });
    expect(await json('invoice show acme INV-0001')).toMatchObject({ paid: true, balance: 0 });
    expect(await json('db check')).toMatchObject({ ok: true });
  });

  test('an invoice that was tried twenty times is put aside with that reason, also with a card that works, and is paid by hand', async () => {
    const { open, merchant, comes } = await aTrade(engine);
    const { words, json } = merchant;
    await words('settings set acme autopay.retry_days 1,1,1,1,1,1,1,1,1,1');
    const invoice = clientIdOf(await json(`${ISSUE} --due 2026-11-24`));
    await send(await comes(), '/autopay', '/autopay', { ...DECLINED, action: 'on' });
    const states = async (): Promise<string[]> => {
      await words('clock advance acme 1d');
      return (await json<Array<{ state: string }>>('autopay run acme')).map(({ state }) => state);
    };
    while (open.gateway.book().length < 11) expect(await states()).toEqual(['declined']);
    expect(await states()).toEqual([]);
    // Each card that does not work either is one more try; the customer sees it fail.
    while (open.gateway.book().length < 20) {
      const again = await comes();
      expect(
        await readAfter(again, await send(again, '/autopay', '/autopay', { ...DECLINED, action: 'on' })),
      ).toMatch(/not (be )?(collected|taken)/i);
      await words('clock advance acme 1h');
    }
    const works = await comes();
    await send(works, '/autopay', '/autopay', { ...CARD, action: 'on' });
    await words('autopay run acme');
    expect(open.gateway.book()).toHaveLength(20);
    expect(await json('autopay parked acme')).toMatchObject([
      { number: 'INV-0001', amount: 100, reason: 'AutoPay has tried invoice INV-0001 20 times.' },
    ]);
    expect(await json('autopay run acme')).toEqual([]);
    const last = await comes();
    expect(await readAfter(last, await send(last, `/pay?invoice=${invoice}`, '/pay', CARD))).toContain(
      'Thank you.',
    );
    expect(await json('invoice show acme INV-0001')).toMatchObject({ paid: true, balance: 0 });
    expect(await json('autopay parked acme')).toEqual([]);
    expect(await json('db check')).toMatchObject({ ok: true });
  });

  test('who pays from Switzerland reads the Swiss instructions, everybody else the general ones', async () => {
    const { open, merchant } = await aTrade(engine);
    const { words, json } = merchant;
    const text =
      'To Acme, IBAN DE02 1203 0000 0000 2020 51\n\n[CH] To Acme, IBAN CH93 0076 2011 6238 5295 7\n[AT]\nTo Acme, IBAN AT61 1904 3002 3457 3201';
    const set = ['settings', 'set', 'acme', 'payments.instructions_wire_transfer', text];
    expect(await portalIn(open)(set)).toMatchObject({ code: 0 });
    for (const [number, country, own, not] of [
      ['C-CH', 'CH', 'CH93', /DE02|AT61|\[CH\]/],
      ['C-AT', 'AT', 'AT61', /DE02|CH93|\[AT\]/],
      ['C-FR', 'FR', 'DE02', /CH93|AT61|\[/],
    ] as const) {
      await words(
        `customer create acme Payer --number ${number} --country ${country} --email ${country}@x.example`,
      );
      const invoice = clientIdOf(await json(`invoice issue acme --customer ${number} --line Paper;1;100`));
      const payer = await customerWithLink(open, merchant, 'acme', number);
      const path = `/promise?invoice=${invoice}`;
      expect((await payer.get(`/pay?invoice=${invoice}`)).text).toContain(`href="${path}"`);
      const page = textOf((await payer.get(path)).text);
      expect(page, country).toContain(own);
      expect(page, country).not.toMatch(not);
    }
  });
});

interface Mail {
  readonly id: number;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** The newest of the mails about a try that failed. */
async function lastMail({ json }: Merchant): Promise<Mail> {
  const mails = await json<Mail[]>('mail list acme');
  const failed = mails.filter(({ subject }) => subject.includes('couldn’t collect'));
  return json<Mail>(`mail show acme ${Math.max(...failed.map(({ id }) => id))}`);
}

async function expectFeeApart(
  { json }: Merchant,
  payment: string,
  { amount, fee }: { readonly amount: number; readonly fee: number },
): Promise<void> {
  expect(await json(`payment show acme ${payment}`)).toMatchObject({
    amount,
    convenience_fee: fee,
    applied_to: [
      { type: 'invoice', amount },
      { type: 'convenience_fee', amount: fee },
    ],
  });
  expect(await json('credit show acme CUST-00001')).toMatchObject({ balances: [] });
}

async function readsReceipt({ merchant, comes }: Pick<Trade, 'merchant' | 'comes'>): Promise<string> {
  const payment = await merchant.json('payment show acme R-00001');
  return textOf((await (await comes()).get(`/payments/${clientIdOf(payment)}`)).text);
}
