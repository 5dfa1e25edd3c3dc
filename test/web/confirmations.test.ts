import { describe, expect, test } from 'vitest';
import { issueEstimate, type NewEstimate } from '#src/documents/issue.ts';
import { enrol } from '#src/payments/methods/enrolment.ts';
import { attachPlan } from '#src/payments/plans/plans.ts';
import { cardSource } from '#test/support/house.ts';
import { savedMethod } from '#test/support/instruments.ts';
import { aGuest, type Guest, send, TYPED_CARD, TYPED_IBAN } from '#test/support/pages.ts';
import { type Answer, textOf, type Visitor } from '#test/support/portal.ts';

/* Whoever commits to something reads on the next page what was agreed: with whom, what, how much, and what happens next. */

const OFFLINE = { 'payments.instructions_wire_transfer': 'IBAN DE02 1203 0000 0000 2020 51' };

describe('what was agreed is confirmed', () => {
  test('after a plan: its amounts, its first and last day, and what it is collected from', async () => {
    const { visitor, path } = await planned({ 'payments.fee_percent': '2' });
    const answer = await send(visitor, path, path, { with: 'card', ...TYPED_CARD, agree: 'on' });
    const page = await confirmedAfter(visitor, answer, 'You agreed to this payment plan');
    for (const text of [
      'With acme Ltd',
      'Invoice INV-0001',
      'You pay €100.00 in 3 instalments',
      'Last €40.00 on 25 January 2027',
      'Collected from Visa ending 4242',
      'Next €30.60 on 25 November 2026, a fee of €0.60 included',
    ])
      expect(page).toContain(text);
  });

  test('after a plan that is paid by hand: that each instalment is theirs to pay', async () => {
    const { visitor, path } = await planned({ 'payments.methods': 'wire_transfer', ...OFFLINE });
    const answer = await send(visitor, path, path, { agree: 'on' });
    const page = await confirmedAfter(visitor, answer, 'You agreed to this payment plan');
    expect(page).toContain('Next €30.00, to be paid by you by 25 November 2026');
    expect(page).not.toContain('Collected from');
  });

  test('after an estimate of €12,459: its total, the initials, and that an invoice follows', async () => {
    const { visitor, path, number } = await offered({});
    const answer = await send(visitor, `${path}/approval`, `${path}/approval`, { initials: 'PM' });
    const page = await confirmedAfter(visitor, answer, `You approved estimate ${number}`);
    for (const text of [
      'With acme Ltd',
      'Total €12,459.00',
      'Initials PM',
      'Next acme Ltd sends you an invoice',
    ])
      expect(page).toContain(text);
  });

  test('after a deposit: what was approved with it, what it pays and what is left', async () => {
    const { visitor, path, number } = await offered({ deposit: { minor: 245_900 } });
    const answer = await send(visitor, `${path}/approval`, `${path}/approval`, {
      initials: 'PM',
      pays: 'deposit',
      with: 'card',
      ...TYPED_CARD,
    });
    const page = await readAgain(visitor, answer);
    for (const text of [
      `You approved estimate ${number} of €12,459.00`,
      'acme Ltd sends you an invoice. Your deposit pays €2,459.00 of it, and €10,000.00 is left.',
    ])
      expect(page).toContain(text);
  });

  test('after a deposit that takes days: that the estimate is approved when it has arrived', async () => {
    const { visitor, path, number } = await offered({ deposit: { minor: 245_900 } });
    const debit = { ...TYPED_IBAN, iban: 'DE89370400440532013000' };
    const answer = await send(visitor, `${path}/approval`, `${path}/approval`, {
      initials: 'PM',
      pays: 'deposit',
      ...debit,
    });
    const page = await readAgain(visitor, answer);
    expect(page).toContain(`Estimate ${number} of €12,459.00 is approved when the money has arrived`);
    expect(page).not.toContain('You approved');
  });

  test('after declining: that nothing is owed, and what was said', async () => {
    const { visitor, path, number } = await offered({});
    const answer = await send(visitor, `${path}/decline`, `${path}/decline`, { reason: 'Too late for us' });
    const page = await confirmedAfter(visitor, answer, `You declined estimate ${number}`);
    for (const text of [
      'Nothing is owed for it',
      'With acme Ltd',
      'Total €12,459.00',
      'Your reason Too late for us',
    ])
      expect(page).toContain(text);
  });

  test('after a promise, and after taking it back: which invoices, how much, when, and what is due now', async () => {
    const { visitor, invoices } = await aGuest('sqlite', [10_000, 2_000], OFFLINE);
    const path = `/promise?${invoices.map(({ clientId }) => `invoice=${clientId}`).join('&')}`;
    const promise = { method: 'wire_transfer', date: '2026-12-01', action: 'promise' };
    const promised = await send(visitor, path, '/promise', promise);
    const page = await confirmedAfter(visitor, promised, 'Thank you. We have noted it.');
    for (const text of [
      'To acme Ltd',
      'Invoices INV-0001, INV-0002',
      'Amount €120.00',
      'To arrive by 1 December 2026',
    ])
      expect(page).toContain(text);
    const withdrawn = await send(visitor, path, '/promise', { ...promise, action: 'withdraw' });
    const after = await confirmedAfter(visitor, withdrawn, 'Your promise is taken back');
    for (const text of ['Invoices INV-0001, INV-0002', 'Open €120.00', 'Due 24 November 2026'])
      expect(after).toContain(text);
  });

  test('after removing a method: which one, and what is collected from now on', async () => {
    const guest = await aGuest('sqlite', [10_000]);
    const { open, scope, visitor } = guest;
    const other = await savedMethod(open, scope, cardSource('5454545454545454'));
    const first = await savedMethod(open, scope, cardSource());
    await enrol(scope, first);
    const page = await removed(guest, first);
    for (const text of ['Removed Visa ending 4242', 'AutoPay Goes on, from Mastercard ending 5454'])
      expect(page).toContain(text);
    const last = await removed(guest, other);
    for (const text of ['Removed Mastercard ending 5454', 'AutoPay Off. Nothing is collected by itself.'])
      expect(last).toContain(text);
    expect(textOf((await visitor.get('/payment_methods?done=removed&method=99')).text)).not.toContain(
      'AutoPay',
    );
  });
});

test('an address that somebody made up confirms nothing', async () => {
  const { visitor, path } = await planned();
  expect(textOf((await visitor.get(`${path}?done=approved`)).text)).not.toContain('You agreed');
  const { visitor: other, path: estimate } = await offered({});
  for (const done of ['approved', 'declined', '<b>'])
    expect(textOf((await other.get(`${estimate}?done=${done}`)).text)).not.toMatch(/You (approved|declined)/);
});

async function removed({ visitor }: Guest, methodId: number): Promise<string> {
  const path = `/payment_methods/${methodId}/removal`;
  return confirmedAfter(visitor, await send(visitor, path, path, {}), 'Your payment method is removed');
}

/** The page after a form, whose title begins with what was done; it says the same when it is loaded again. */
async function confirmedAfter(visitor: Visitor, answer: Answer, title: string): Promise<string> {
  const page = await readAgain(visitor, answer);
  expect(page).toContain(title);
  const { text } = await visitor.get(String(answer.headers.location));
  expect(text).toContain(`<title>${title}: `);
  return page;
}

async function readAgain(visitor: Visitor, answer: Answer): Promise<string> {
  expect(answer.status, textOf(answer.text).slice(0, 300)).toBe(303);
  const address = String(answer.headers.location);
  const [first, again] = [
    textOf((await visitor.get(address)).text),
    textOf((await visitor.get(address)).text),
  ];
  expect(again).toBe(first);
  return first;
}

async function planned(settings: Readonly<Record<string, string>> = {}) {
  const guest = await aGuest('sqlite', [10_000], settings);
  const invoice = guest.invoices[0]!;
  await attachPlan(guest.merchant, invoice.id, [
    { date: '2026-11-25', minor: 3_000 },
    { date: '2026-12-25', minor: 3_000 },
    { date: '2027-01-25', minor: 4_000 },
  ]);
  return { ...guest, path: `/invoices/${invoice.clientId}/plan` };
}

async function offered(more: Partial<NewEstimate>) {
  const guest = await aGuest('sqlite');
  const { clientId, number } = await issueEstimate(guest.merchant, {
    customerId: guest.scope.customerId,
    currency: 'EUR',
    date: '2026-11-20',
    lines: [{ name: 'Shelves', unitCost: '12459' }],
    ...more,
  });
  return { ...guest, number, path: `/estimates/${clientId}` };
}
