import { describe, expect, test } from 'vitest';
import { createCustomer } from '#src/customers/customers.ts';
import { money } from '#src/kernel/money.ts';
import { listMethods } from '#src/payments/methods/methods.ts';
import { refundPayment } from '#src/payments/returning/refunds.ts';
import { customerScope } from '#src/scope.ts';
import { paid } from '#test/support/money.ts';
import { aGuest, readAfter, send, TYPED_CARD, TYPED_IBAN } from '#test/support/pages.ts';
import { textOf, Visitor } from '#test/support/portal.ts';

/* Words that promise no more than what happens, in the case that they are said in. */

const AT_ONCE = 'You’ll see your receipt right away.';
const LATER = 'We’ll email your receipt when the money arrives';

describe('a receipt is promised', () => {
  test.each([
    ['at once with a card', 'credit_card', [AT_ONCE], [LATER]],
    ['later with a bank debit', 'direct_debit', [LATER], [AT_ONCE]],
    ['as it is with the way that is chosen', 'credit_card,direct_debit', [AT_ONCE, LATER], []],
  ])('%s', async (_how, methods, said, unsaid) => {
    const { visitor } = await aGuest('sqlite', [10_000], { 'payments.methods': methods });
    const page = (await visitor.get('/pay')).text;
    for (const text of said) expect(textOf(page)).toContain(text);
    for (const text of unsaid) expect(textOf(page)).not.toContain(text);
    // Where both are there, CSS shows the one that fits.
    expect(page.includes('data-when="later"')).toBe(said.length > 1);
  });
});

test('a debit that is on its way names its invoices and its account, on a page with the way home', async () => {
  const { visitor, invoices } = await aGuest('sqlite', [10_000, 2_000]);
  const sent = await send(visitor, '/pay', '/pay', { ...TYPED_IBAN, iban: 'DE89370400440532013000' });
  const page = (await visitor.follow(sent)).text;
  expect(textOf(page)).toMatch(/Your payment is on its way €120\.00 .* Paid with Bank account ending 3000/);
  for (const { number } of invoices) expect(textOf(page)).toContain(number);
  for (const href of ['/', '/invoices', '/payments']) expect(page).toContain(`href="${href}"`);
});

test('a receipt has the way home, and of money that was given back it says so', async () => {
  const { merchant, scope, visitor, invoices } = await aGuest('sqlite', [10_000]);
  const card = await paid(scope, invoices[0]!.clientId);
  const read = async (): Promise<string> => (await visitor.get(`/payments/${card.client_id}`)).text;
  for (const href of ['/', '/invoices', '/payments']) expect(await read()).toContain(`href="${href}"`);
  expect(textOf(await read())).toContain('Paid in full');
  await refundPayment(merchant, {
    nonce: 'a refund of the tests',
    paymentId: card.id,
    amount: money(10_000, 'EUR'),
  });
  expect(textOf(await read())).not.toContain('Paid in full');
  expect(textOf(await read())).toMatch(new RegExp(`${invoices[0]!.number} Given back €100\\.00`));
});

test('who has nothing to pay is told why: nothing was invoiced yet, or everything is paid', async () => {
  const { open, merchant, scope, visitor, invoices } = await aGuest('sqlite', [10_000]);
  const { id } = await createCustomer(merchant, { name: 'Ann Lee' });
  const ann = await Visitor.signedIn(open, merchant, id);
  expect(textOf((await ann.get('/pay')).text)).toContain('Nothing has been invoiced yet.');
  await paid(scope, invoices[0]!.clientId);
  expect(textOf((await visitor.get('/pay')).text)).toContain('You are all paid up');
});

test('an account without tries left offers nothing that would only fail', async () => {
  const { open, merchant } = await aGuest('sqlite');
  const { id } = await createCustomer(merchant, { name: 'Ann Lee', currency: 'USD' });
  const ann = await Visitor.signedIn(open, merchant, id);
  await send(ann, '/payment_methods/new', '/payment_methods/new', {
    with: 'bank',
    bank_holder: 'Ann Lee',
    verify: 'deposits',
    routing: '110000000',
    account: '123456789',
    account_again: '123456789',
  });
  const [method] = await listMethods(customerScope(merchant, id));
  const verification = `/payment_methods/${method!.id}/verification`;
  expect((await ann.get('/payment_methods')).text).toContain(verification);
  for (let i = 0; i < 3; i++) await ann.post(verification, { first: '0.01', second: '0.02' });
  const list = (await ann.get('/payment_methods')).text;
  expect(textOf(list)).toContain('Cannot be used');
  expect(list).not.toContain(verification);
  expect(list).not.toContain('name="default"');
  expect(textOf((await ann.get('/')).text)).not.toContain('Confirm your bank account');
});

test('what can be done with a payment method is called by what it does', async () => {
  const { visitor } = await aGuest('sqlite');
  const form = '/payment_methods/new';
  expect(textOf((await visitor.get(form)).text)).toContain('Nickname');
  await send(visitor, form, form, { with: 'card', ...TYPED_CARD });
  const second = { with: 'card', ...TYPED_CARD, number: '5454545454545454' };
  const list = await readAfter(visitor, await send(visitor, form, form, second));
  expect(list).toMatch(/Make default Rename Remove/);
});
