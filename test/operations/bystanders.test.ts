import { beforeEach, describe, expect, test } from 'vitest';
import { updateCustomer } from '#src/customers/changes.ts';
import { createContact, removeContact, updateContact } from '#src/customers/contacts.ts';
import { markSeen } from '#src/documents/content.ts';
import { approve, declineEstimate } from '#src/documents/estimate-approval.ts';
import { issueCreditNote, issueEstimate } from '#src/documents/issue.ts';
import { voidEstimate } from '#src/documents/merchant-estimates.ts';
import { money } from '#src/kernel/money.ts';
import { warnOfExpiry } from '#src/payments/collecting/expiring-cards.ts';
import { applyCredits, prepareCredit } from '#src/payments/credit/credit-uses.ts';
import { adjustCredit } from '#src/payments/credit/credits.ts';
import { invoiceEstimate } from '#src/payments/credit/invoicing.ts';
import { enrol, leaveAutopay, makeDefault } from '#src/payments/methods/enrolment.ts';
import { removeMethod } from '#src/payments/methods/method-removal.ts';
import { nameMethod } from '#src/payments/methods/methods.ts';
import { breakPromise } from '#src/payments/outside/broken-promises.ts';
import { openPromise, promiseToPay, withdrawPromise } from '#src/payments/outside/promises.ts';
import { recordMoney } from '#src/payments/outside/record.ts';
import { voidCreditNote, voidInvoice } from '#src/documents/voids.ts';
import { voidPayment } from '#src/payments/outside/voids.ts';
import { approvePlan, attachPlan, cancelPlan } from '#src/payments/plans/plans.ts';
import { settleDispute } from '#src/payments/returning/disputes.ts';
import { refundPayment } from '#src/payments/returning/refunds.ts';
import { cardSource, customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { changedBy } from '#test/support/changes.ts';
import { savedMethod } from '#test/support/instruments.ts';
import { expectSoundBooks, paid, withSettings } from '#test/support/money.ts';

const DAY_MS = 86_400_000;
const SEEN = { ip: '203.0.113.7', userAgent: 'Firefox' };

type Account = Awaited<ReturnType<typeof anAccount>>;
type Step = (account: Account) => Promise<unknown>;

/**
 * An account that has everything at least twice, of a merchant with another customer: what an operation is about changes, and with it the rows
 * that are named here, and no other.
 */
const OPERATIONS: ReadonlyArray<readonly [what: string, changes: readonly string[], run: Step]> = [
  [
    'a payment is voided',
    ['invoices 1', 'payments 1', 'payment_applications 1'],
    ({ merchant, cheques }) => voidPayment(merchant, cheques[0]!),
  ],
  ['an invoice is voided', ['invoices 5'], ({ merchant }) => voidInvoice(merchant, 5)],
  [
    'a credit note is voided',
    ['credit_notes 1'],
    ({ merchant, notes }) => voidCreditNote(merchant, notes[0]!),
  ],
  [
    'a card payment is refunded',
    ['payments 3'],
    ({ merchant, cards }) => refundPayment(merchant, { nonce: 'r', paymentId: cards[0]! }),
  ],
  ['a payment is disputed', ['payments 3'], ({ dispute }) => dispute('open', 0)],
  ['a second dispute is lost', ['payments 4'], ({ dispute }) => dispute('lost', 1)],
  ['another promise for an invoice', ['promises 1'], ({ promise }) => promise(0, '2026-12-09')],
  [
    'a promise is withdrawn',
    ['invoices 1', 'promises 1'],
    async ({ scope }) => withdrawPromise(scope, (await openPromise(scope, 1))!.id),
  ],
  [
    'a promise is broken',
    ['promises 1'],
    async ({ house, scope, merchant }) => {
      const { id } = (await openPromise(scope, 1))!;
      house.clock.move(30 * DAY_MS);
      await breakPromise(merchant, String(id));
    },
  ],
  ['an invoice is put under a plan', ['invoices 6'], ({ plan }) => plan(6)],
  [
    'a plan is approved',
    ['invoices 7', 'payment_plans 1', 'installments 1', 'installments 2'],
    ({ approvePlan: agree }) => agree(0),
  ],
  ['a plan is taken back', ['invoices 7', 'payment_plans 1'], ({ merchant }) => cancelPlan(merchant, 7)],
  [
    'a plan that runs is taken back',
    ['invoices 9', 'payment_plans 3', 'installments 5', 'installments 6'],
    ({ merchant }) => cancelPlan(merchant, 9),
  ],
  [
    'AutoPay is turned on',
    ['payment_methods 1', 'payment_methods 2'],
    ({ scope, methods }) => enrol(scope, methods[1]!),
  ],
  [
    'another method is the default',
    ['payment_methods 1', 'payment_methods 2'],
    ({ scope, methods }) => makeDefault(scope, methods[1]!),
  ],
  [
    'AutoPay is turned off',
    ['customers 1', ...rowsOf('invoices', [5, 6, 9, 10]), ...rowsOf('installments', [5, 6, 7, 8])],
    ({ scope }) => leaveAutopay(scope, { plans: 'stop' }),
  ],
  [
    'a method is named',
    ['payment_methods 1'],
    ({ scope, methods }) => nameMethod(scope, methods[0]!, 'Work'),
  ],
  ['a method is removed', ['payment_methods 2'], ({ scope, methods }) => removeMethod(scope, methods[1]!)],
  [
    'the default method is removed',
    ['payment_methods 1', 'payment_methods 2'],
    ({ scope, methods }) => removeMethod(scope, methods[0]!, methods[1]),
  ],
  [
    'a card expires',
    ['payment_methods 1'],
    async ({ house, merchant, methods }) => {
      house.clock.move(8 * DAY_MS);
      await warnOfExpiry(merchant, String(methods[0]));
    },
  ],
  [
    'an estimate is approved',
    ['estimates 1'],
    ({ scope }) => approve(scope, { estimateId: 1, initials: 'PM', ...SEEN }),
  ],
  ['an estimate is declined', ['estimates 1'], ({ scope }) => declineEstimate(scope, 1, undefined)],
  ['an estimate is voided', ['estimates 1'], ({ merchant }) => voidEstimate(merchant, 'EST-0001')],
  [
    'an estimate is invoiced',
    ['estimates 3', 'credit_notes 1'],
    ({ merchant }) => invoiceEstimate(merchant, 3),
  ],
  ['an estimate is looked at', ['estimates 1'], ({ scope }) => markSeen(scope, 'estimates', 1)],
  ['an invoice is looked at', ['invoices 5'], ({ scope }) => markSeen(scope, 'invoices', 5)],
  ['credit pays an invoice', ['invoices 5', 'credit_notes 1', 'credit_notes 2'], payByCredit],
  ['an invoice is paid', ['invoices 5'], ({ scope, invoices }) => paid(scope, invoices[4]!.clientId)],
  [
    'credit is adjusted',
    [],
    ({ merchant, scope }) =>
      adjustCredit(merchant, { customerId: scope.customerId, amount: money(100, 'EUR') }),
  ],
  [
    'a customer is changed',
    ['customers 1'],
    ({ merchant, scope }) => updateCustomer(merchant, scope.customerId, { name: 'New' }),
  ],
  [
    'a contact is changed',
    ['contacts 1'],
    ({ merchant, contacts }) => updateContact(merchant, contacts[0]!, { name: 'New' }),
  ],
  [
    'a contact is made the first',
    ['contacts 2'],
    ({ merchant, contacts }) => updateContact(merchant, contacts[1]!, { isPrimary: true }),
  ],
  ['a contact is removed', ['contacts 1'], ({ merchant, contacts }) => removeContact(merchant, contacts[0]!)],
];

async function payByCredit({ scope, invoices }: Account): Promise<void> {
  const { nonce, invoices: chosen } = await prepareCredit(scope, [invoices[4]!.clientId]);
  await applyCredits(scope, {
    nonce,
    seen: new Map(chosen.map(({ clientId, pays }) => [clientId, pays.minor])),
  });
}

describe.each(ENGINES)('on %s', (engine) => {
  let account: Account;
  beforeEach(async () => {
    account = await anAccount(engine);
  });

  test.each(OPERATIONS)('%s, and nothing beside it changes', async (_, changes, run) => {
    expect(await changedBy(account.house, () => run(account))).toEqual(changes);
    await expectSoundBooks(account.house);
  });
});

async function anAccount(engine: (typeof ENGINES)[number]) {
  const house = await openHouse(engine);
  const merchant = await withSettings(house, await house.tenant(), {
    'payments.instructions_wire_transfer': 'Pay to DE89',
  });
  const { scope, invoices } = await customerWithInvoices(merchant, Array(10).fill(5_000));
  const { customerId } = scope;
  const others = await customerWithInvoices(merchant, [5_000], 'Other');
  const dated = {
    customerId,
    currency: 'EUR',
    date: '2026-11-12',
    lines: [{ name: 'Paper', unitCost: '7' }],
  };
  const notes: number[] = [];
  for (let i = 0; i < 2; i += 1) notes.push((await issueCreditNote(merchant, dated)).id);
  for (let i = 0; i < 3; i += 1) await issueEstimate(merchant, dated);
  await approve(scope, { estimateId: 3, initials: 'PM', ...SEEN });
  const cheques: number[] = [];
  for (const invoice of [0, 1]) {
    const towards = [{ invoiceId: invoices[invoice]!.id, minor: 1_000 }];
    const received = { date: '2026-11-20', method: 'check', methodLabel: 'Check' } as const;
    cheques.push(
      (await recordMoney(merchant, { ...received, customerId, amount: money(1_000, 'EUR'), towards })).id,
    );
  }
  const cards: Array<Awaited<ReturnType<typeof paid>>> = [];
  for (const invoice of [2, 3]) cards.push(await paid(scope, invoices[invoice]!.clientId));
  const promise = (invoice: number, expectedDate = '2026-12-01') =>
    promiseToPay(scope, { invoices: [invoices[invoice]!.clientId], method: 'wire_transfer', expectedDate });
  for (const invoice of [0, 1]) await promise(invoice);
  const plan = (invoiceId: number) =>
    attachPlan(merchant, invoiceId, [
      { date: '2026-12-01', minor: 2_000 },
      { date: '2027-01-01', minor: 3_000 },
    ]);
  const hashes: string[] = [];
  for (const invoiceId of [7, 8, 9, 10]) hashes.push((await plan(invoiceId)).hash);
  const agree = (at: number, methodId?: number) =>
    approvePlan(scope, { invoiceId: 7 + at, hash: hashes[at]!, methodId, ...SEEN });
  const methods: number[] = [];
  for (const number of ['4242424242424242', '5555555555554444'])
    methods.push(await savedMethod(house, scope, endingSoon(number)));
  await savedMethod(house, others.scope, endingSoon('4242424242424242'));
  await enrol(scope, methods[0]!);
  for (const at of [2, 3]) await agree(at, methods[0]);
  const contacts: number[] = [];
  for (const name of ['Anna', 'Bruno'])
    contacts.push(
      (await createContact(merchant, { customerId, name, email: `${name}@mueller.example`, role: 'owner' }))
        .id,
    );
  const dispute = (state: 'open' | 'lost', at: number) =>
    settleDispute(merchant, 'test', {
      id: `evt ${at}`,
      about: 'dispute',
      gatewayPaymentId: cards[at]!.gateway_payment_id!,
      gatewayDisputeId: `dp ${at}`,
      amount: money(5_000, 'EUR'),
      state,
      reason: 'fraud',
    });
  return {
    house,
    merchant,
    scope,
    invoices,
    notes,
    cheques,
    cards: cards.map(({ id }) => id),
    promise,
    plan,
    approvePlan: agree,
    methods,
    contacts,
    dispute,
  };
}

function rowsOf(table: string, ids: readonly number[]): string[] {
  return ids.map((id) => `${table} ${id}`);
}

function endingSoon(number: string) {
  const source = cardSource(number);
  return { ...source, card: { ...source.card, expMonth: 12, expYear: 2026 } };
}
