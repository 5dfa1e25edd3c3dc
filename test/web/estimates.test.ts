import { describe, expect, test } from 'vitest';
import { findEstimate } from '#src/documents/estimates.ts';
import { issueEstimate, type NewEstimate } from '#src/documents/issue.ts';
import { customerCredit } from '#src/payments/credit/credits.ts';
import { invoiceEstimate } from '#src/payments/credit/invoicing.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { ENGINES } from '#test/support/house.ts';
import {
  aGuest,
  asViewer,
  changesNothing,
  comesBack,
  fill,
  readAfter,
  send,
  TYPED_CARD,
  TYPED_IBAN,
} from '#test/support/pages.ts';
import { textOf } from '#test/support/portal.ts';
import { workOnce } from '#src/work.ts';

const DAY_MS = 86_400_000;
const TERMS = { 'estimates.terms': 'Half now, the rest on delivery.' };
const PAID = { initials: 'PM', agree: 'on', pays: 'deposit', with: 'card', ...TYPED_CARD };

describe.each(ENGINES)('estimates on %s, without JavaScript', (engine) => {
  test('one that waits is on My Account, approved with initials and terms, its deposit paid with it and kept for its invoice', async () => {
    const guest = await offered(engine, { deposit: { percent: '50' } }, TERMS);
    const { open, merchant, visitor, scope, estimate, path } = guest;
    const home = textOf((await visitor.get('/')).text);
    expect(home).toContain(`Approve estimate ${estimate.number}`);
    expect(home).toContain('€80.00, deposit €40.00. Good until 31 December 2026.');
    expect(textOf((await visitor.get(path)).text)).toContain('Approve and pay €40.00');
    const form = textOf((await visitor.get(`${path}/approval`)).text);
    for (const text of ['Half now, the rest on delivery.', '€40.00', 'Your initials'])
      expect(form).toContain(text);
    const done = await send(visitor, `${path}/approval`, `${path}/approval`, PAID);
    expect(await readAfter(visitor, done)).toContain('Deposit, kept for its invoice');
    const after = textOf((await visitor.get(path)).text);
    for (const text of ['approved with PM', 'Initials PM', 'From 127.0.0.1']) expect(after).toContain(text);
    expect(await findEstimate(scope, estimate.clientId)).toMatchObject({
      approval: { initials: 'PM', ip: '127.0.0.1' },
      depositPaid: { minor: 4_000 },
    });
    expect(await customerCredit(scope)).toMatchObject([{ held: { minor: 4_000 }, usable: { minor: 0 } }]);
    expect(textOf((await visitor.get('/')).text)).toContain(
      'A deposit, kept for the invoice of your estimate.',
    );
    const { clientId } = await invoiceEstimate(merchant, estimate.id);
    const invoice = textOf((await visitor.get(`/invoices/${clientId}`)).text);
    for (const text of ['€40.00', 'Credit was used']) expect(invoice).toContain(text);
    expect(textOf((await visitor.get(path)).text)).toContain('Show invoice');
    expect(open.gateway.book()).toMatchObject([{ minor: 4_000, state: 'succeeded' }]);
  });

  test('everything may be paid at once, and a debit that takes days approves it when it has arrived', async () => {
    const { visitor, path, open } = await offered(engine, { deposit: { minor: 1_000 } });
    await send(visitor, `${path}/approval`, `${path}/approval`, { ...PAID, pays: 'whole' });
    expect(open.gateway.book()).toMatchObject([{ minor: 8_000 }]);
    const slow = await offered(engine, { deposit: { minor: 1_000 } });
    const debit = { initials: 'PM', pays: 'deposit', ...TYPED_IBAN, iban: 'DE89370400440532013000' };
    await send(slow.visitor, `${slow.path}/approval`, `${slow.path}/approval`, debit);
    expect(textOf((await slow.visitor.get(slow.path)).text)).toContain('Deposit on its way');
    slow.open.clock.move(6 * DAY_MS);
    await workOnce(slow.open.app);
    expect(textOf((await (await comesBack(slow)).get(slow.path)).text)).toContain('approved with PM');
  });

  test('one without a deposit is approved by initials alone, one may be declined with a reason, and the list tells them apart', async () => {
    const { merchant, scope, visitor, path } = await offered(engine, {});
    const approved = await send(visitor, `${path}/approval`, `${path}/approval`, { initials: 'P.M.' });
    expect(await readAfter(visitor, approved)).toContain('approved with P.M.');
    const other = await anEstimate(merchant, scope.customerId, {});
    const decline = `/estimates/${other.clientId}/decline`;
    const said = await readAfter(
      visitor,
      await send(visitor, decline, decline, { reason: 'Too late for us' }),
    );
    expect(said).toContain('You said: Too late for us');
    const list = async (query: string) => textOf((await visitor.get(`/estimates?${query}`)).text);
    expect(await list('status=declined')).toContain(other.number);
    expect(await list('status=approved')).not.toContain(other.number);
    expect(await list(`number=${other.number}`)).toContain('Declined');
    const pdf = await visitor.get(`/estimates/${other.clientId}/pdf`);
    expect(pdf.headers['content-type']).toBe('application/pdf');
  });

  test('without initials or terms, expired, changed meanwhile, answered already, or by a viewer: refused with nothing written', async () => {
    const guest = await offered(engine, { deposit: { minor: 1_000 } }, TERMS);
    const { open, merchant, visitor, scope, estimate, path } = guest;
    const address = `${path}/approval`;
    const without = (name: string) => fill(visitor, address, address, { ...PAID, [name]: '' });
    const noInitials = await changesNothing(guest, 422, async () =>
      visitor.post(address, await without('initials')),
    );
    expect(textOf(noInitials.text)).toContain('Enter your initials');
    const noTerms = (await fill(visitor, address, address, PAID)).filter(([name]) => name !== 'agree');
    const untold = await changesNothing(guest, 422, () => visitor.post(address, noTerms));
    expect(textOf(untold.text)).toContain('Tick this to agree to the terms.');
    const tampered = (await fill(visitor, address, address, PAID)).map(([name, value]) =>
      name === 'deposit' ? ([name, '1'] as const) : ([name, value] as const),
    );
    await changesNothing(guest, 409, () => visitor.post(address, tampered));
    const viewer = await asViewer(guest);
    const form = await fill(visitor, address, address, PAID);
    await changesNothing(guest, 403, () => viewer.post(address, form));
    await changesNothing(guest, 403, () => viewer.post(`${path}/decline`, { reason: '' }));
    await setSetting(merchant, 'estimates.terms', 'Other terms.');
    const changed = await changesNothing(guest, 409, () => visitor.post(address, form));
    expect(textOf(changed.text)).toContain('Other terms.');
    open.clock.move(60 * DAY_MS);
    const late = await comesBack(guest);
    const expired = await changesNothing(guest, 303, () => late.post(address, form));
    expect(await readAfter(late, expired)).toContain('Ask acme Ltd for a new one');
    expect((await findEstimate(scope, estimate.clientId)).status).toBe('expired');
    expect(open.gateway.book()).toEqual([]);
    expect((await late.get(`/estimates/${'0'.repeat(24)}`)).status).toBe(404);
  });

  test('approved twice, by a double click, is one approval and one deposit', async () => {
    const { open, visitor, path } = await offered(engine, { deposit: { minor: 1_000 } });
    const address = `${path}/approval`;
    const form = await fill(visitor, address, address, PAID);
    await Promise.all([visitor.post(address, form), visitor.post(address, form)]);
    expect(open.gateway.book()).toHaveLength(1);
    expect((await visitor.get(address)).status).toBe(303);
  });
});

async function offered(
  engine: (typeof ENGINES)[number],
  more: Partial<NewEstimate>,
  settings: Record<string, string> = {},
) {
  const guest = await aGuest(engine, [], settings);
  const estimate = await anEstimate(guest.merchant, guest.scope.customerId, more);
  return { ...guest, estimate, path: `/estimates/${estimate.clientId}` };
}

function anEstimate(
  merchant: Parameters<typeof issueEstimate>[0],
  customerId: number,
  more: Partial<NewEstimate>,
) {
  return issueEstimate(merchant, {
    customerId,
    currency: 'EUR',
    date: '2026-11-20',
    expirationDate: '2026-12-31',
    lines: [{ name: 'A shelf for paper', unitCost: '80' }],
    ...more,
  });
}
