import { createContact } from '#src/customers/contacts.ts';
import { issueCreditNote, issueEstimate, issueInvoice } from '#src/documents/issue.ts';
import { payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import { addMethod } from '#src/payments/methods/method-setup.ts';
import { attachPlan } from '#src/payments/plans/plans.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { workOnce } from '#src/work.ts';
import { queueMail } from '#src/outbox/outbox.ts';
import { savedMethod } from '#test/support/instruments.ts';
import { cardSource, customerWithInvoices, type House } from '#test/support/house.ts';

/**
 * The tenant `acme` with something in every place that people look at: two customers, a contact, invoices in several states, a receipt by mail, a mail that failed,
 * a payment that waits for a confirmation, a credit note, an estimate with a deposit, a plan that waits for approval, a card, an account that waits
 * for its deposits, and a setting. Mirror it for a second tenant with the same ids.
 */
export async function busyTenant(house: House) {
  const merchant = await house.tenant('acme');
  const { scope, invoices } = await customerWithInvoices(merchant, [10_000, 2_000, 3_000]);
  const { customerId } = scope;
  const email = 'petra@mueller.example';
  await createContact(merchant, { customerId, name: 'Petra', email, role: 'owner' });
  const sibling = await customerWithInvoices(merchant, [4_200], 'Sibling of Petra');
  await merchant.db
    .update('lines')
    .set({ name: 'Sibling paper' })
    .where('customer_id', '=', sibling.scope.customerId)
    .execute();
  const draft = await preparePayment(scope, [invoices[0]!.clientId]);
  const paid = await payInvoices(scope, {
    nonce: draft.nonce,
    seen: new Map([[invoices[0]!.clientId, 10_000]]),
    with: cardSource(),
    receiptEmail: email,
  });
  await queueMail(scope, { topic: 'unheard of', recipient: email, payload: {} });
  await workOnce(house.app);
  const asked = await preparePayment(scope, [invoices[1]!.clientId]);
  const attempt = await payInvoices(scope, {
    nonce: asked.nonce,
    seen: new Map([[invoices[1]!.clientId, 2_000]]),
    with: cardSource('4000002760003184'),
  });
  const document = { customerId, currency: 'EUR', date: '2026-11-12' };
  const detailed = await issueInvoice(merchant, {
    ...document,
    name: 'Autumn order',
    purchaseOrder: 'PO-7',
    notes: 'Thank you',
    lines: [{ name: 'Ink', description: 'black', itemCode: 'INK', unitCost: '12.50', quantity: '4' }],
    rates: [{ kind: 'tax', name: 'VAT', percent: '19', baseMinor: 5_000, amountMinor: 950 }],
  });
  const note = await issueCreditNote(merchant, {
    ...document,
    lines: [{ name: 'Returned paper', unitCost: '7' }],
  });
  const estimate = await issueEstimate(merchant, {
    ...document,
    lines: [{ name: 'A shelf for paper', unitCost: '80' }],
    deposit: { percent: '25' },
  });
  const planned = await issueInvoice(merchant, { ...document, lines: [{ name: 'A press', unitCost: '90' }] });
  await attachPlan(merchant, planned.id, [
    { date: '2026-12-01', minor: 4_000 },
    { date: '2027-01-01', minor: 5_000 },
  ]);
  const account = {
    kind: 'bank_account',
    account: { holder: 'Petra', holderType: 'company', routing: '110000000', account: '123456789' },
  } as const;
  const methods = {
    card: await savedMethod(house, scope, cardSource()),
    account: await savedMethod(house, scope, account, { microDeposits: true }),
  };
  const asking = await addMethod(scope, {
    nonce: 'the form of a card whose bank asks',
    with: cardSource('4000002760003184'),
  });
  const setup = asking.state === 'action_required' ? asking.setupId : '';
  await setSetting(merchant, 'mail.from_name', 'Accounts');
  await setSetting(merchant, 'payments.instructions_wire_transfer', 'IBAN DE02 1203 0000 0000 2020 51');
  for (const name of ['payments.partial', 'payments.advance', 'autopay.enrollment'])
    await setSetting(merchant, name, 'on');
  const more = { note, estimate, planned, methods, setup };
  return { merchant, scope, invoices, detailed, sibling, paid, attempt, ...more };
}
