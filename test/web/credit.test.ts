import { describe, expect, test } from 'vitest';
import { issueCreditNote } from '#src/documents/issue.ts';
import { money } from '#src/kernel/money.ts';
import { adjustCredit } from '#src/payments/credit/credits.ts';
import { issueAndApply } from '#src/payments/credit/invoicing.ts';
import type { Gateway } from '#src/payments/gateways/gateway.ts';
import { refundPayment } from '#src/payments/returning/refunds.ts';
import { payInAdvance } from '#src/payments/taking/pay.ts';
import { cardSource, ENGINES } from '#test/support/house.ts';
import { expectSoundBooks } from '#test/support/money.ts';
import { aGuest, asViewer, changesNothing, fill, type Guest, readAfter, send } from '#test/support/pages.ts';
import { textOf } from '#test/support/portal.ts';

describe.each(ENGINES)('credit on %s, without JavaScript', (engine) => {
  test('is on My Account, pays the invoices that are ticked, the notes first, and says where it went', async () => {
    const guest = await withCredit(engine, [10_000, 2_000]);
    const { visitor, invoices, note } = guest;
    const home = textOf((await visitor.get('/')).text);
    expect(home).toContain('Credit €65.00');
    expect(home).toContain(`From credit note ${note.number}.`);
    const path = `/credit?invoice=${invoices[1]!.clientId}`;
    expect(textOf((await visitor.get(path)).text)).toContain('Use €20.00 of credit');
    const used = await readAfter(visitor, await send(visitor, path, '/credit', {}));
    expect(used).toContain('€45.00');
    expect(used).toContain(invoices[1]!.number);
    expect(textOf((await visitor.get(`/invoices/${invoices[1]!.clientId}`)).text)).toContain(
      'is paid. Thank you.',
    );
    const page = textOf((await visitor.get(`/credit_notes/${note.clientId}`)).text);
    expect(page).toContain('What it paid');
    expect(page).toContain('€20.00');
    const all = await readAfter(visitor, await send(visitor, '/credit', '/credit', {}));
    expect(all).toContain('€45.00');
    expect(textOf((await visitor.get('/invoices')).text)).toContain('€55.00');
    expect(textOf((await visitor.get('/credit_notes?status=paid')).text)).toContain(note.number);
    await expectSoundBooks(guest.open);
  });

  test('ticks beforehand the invoices that it reaches, the earliest due first, and later those that were chosen', async () => {
    const { visitor, invoices } = await withCredit(engine, [6_000, 2_000, 3_000]);
    expect(ticked((await visitor.get('/credit')).text)).toEqual(invoices.slice(0, 2).map(idOf));
    const chosen = [invoices[0]!, invoices[2]!].map(idOf);
    const page = await visitor.get(`/credit?${chosen.map((id) => `invoice=${id}`).join('&')}`);
    expect(ticked(page.text)).toEqual(chosen);
  });

  test('is spoken of where somebody is about to pay, and leads to using it for those invoices', async () => {
    const { visitor, invoices } = await withCredit(engine, [10_000, 2_000]);
    const page = (await visitor.get(`/pay?invoice=${invoices[0]!.clientId}`)).text;
    expect(textOf(page)).toMatch(/You have €[\d.]+ of credit Use it first, and pay only the rest./);
    expect(page).toContain(`href="/credit?invoice=${invoices[0]!.clientId}"`);
  });

  test('what is on its way back is shown as that, and cannot be used', async () => {
    const guest = await aGuest(engine, [], { 'payments.advance': 'on', 'credits.automatic': 'off' });
    const { merchant, scope, visitor } = guest;
    await payInAdvance(scope, { nonce: 'adv', amount: money(5_000, 'EUR'), with: cardSource() });
    const { id: paymentId } = await scope.db.from('payments').select('id').executeTakeFirstOrThrow();
    const silent: Gateway = {
      ...merchant.gateways['test']!,
      refund: () => Promise.reject(new Error('silent')),
    };
    const order = { nonce: 'r1', paymentId, amount: money(2_000, 'EUR') };
    await refundPayment({ ...merchant, gateways: { test: silent } }, order);
    expect(textOf((await visitor.get('/')).text)).toContain('€20.00 more is on its way back to whoever paid');
    const page = textOf((await visitor.get('/credit')).text);
    expect(page).toContain('€30.00');
    expect(page).toMatch(/On its way back.*€20.00/);
    await refundPayment({ ...merchant, gateways: { test: silent } }, { nonce: 'r2', paymentId });
    expect(textOf((await visitor.get('/')).text)).toMatch(/Credit €50.00 On its way back to whoever paid it/);
  });

  test('a double click uses it once; a form that stayed open while it was used says what changed and writes nothing', async () => {
    const guest = await withCredit(engine, [10_000]);
    const { visitor } = guest;
    const form = await fill(visitor, '/credit', '/credit', {});
    const other = await fill(visitor, '/credit', '/credit', {});
    await Promise.all([visitor.post('/credit', form), visitor.post('/credit', form)]);
    expect(textOf((await visitor.get('/invoices')).text)).toContain('€35.00');
    await changesNothing(guest, 409, () => visitor.post('/credit', other));
  });

  test('amounts that were tampered with, invoices of somebody else and viewers are refused with nothing written', async () => {
    const guest = await withCredit(engine, [10_000]);
    const { visitor, invoices } = guest;
    const nonce = 'n'.repeat(24);
    const seen = (value: string) => ({ nonce, seen: value });
    const id = invoices[0]!.clientId;
    await changesNothing(guest, 409, () => visitor.post('/credit', seen(`${id}:9999`)));
    await changesNothing(guest, 422, () => visitor.post('/credit', seen(`${id}:-5`)));
    await changesNothing(guest, 422, () => visitor.post('/credit', seen(`${id}:1.5`)));
    await changesNothing(guest, 404, () => visitor.post('/credit', seen(`${'0'.repeat(24)}:100`)));
    const viewer = await asViewer(guest);
    await changesNothing(guest, 403, () => viewer.post('/credit', seen(`${id}:6500`)));
    expect(textOf((await viewer.get('/')).text)).not.toContain('Use it');
  });

  test('where the merchant wants it so, credit pays new invoices by itself and the customer cannot move it', async () => {
    const guest = await withCredit(engine, [10_000], { 'credits.in_portal': 'off' });
    const { merchant, scope, visitor, invoices } = guest;
    const nonce = 'n'.repeat(24);
    const seen = `${invoices[0]!.clientId}:6500`;
    await changesNothing(guest, 403, () => visitor.post('/credit', { nonce, seen }));
    const { clientId } = await issueAndApply(merchant, {
      customerId: scope.customerId,
      currency: 'EUR',
      date: '2026-11-23',
      lines: [{ name: 'Ink', unitCost: '70' }],
    });
    const page = textOf((await visitor.get(`/invoices/${clientId}`)).text);
    expect(page).toContain('Credit was used');
    expect(page).toContain('€5.00');
  });
});

test('with neither credit nor history the page says so', async () => {
  const { visitor } = await aGuest('sqlite', [10_000]);
  const page = await visitor.get('/credit');
  expect(page.status).toBe(200);
  expect(textOf(page.text)).toMatch(/no credit/i);
  expect(textOf((await visitor.get('/credit_notes')).text)).toContain('No credit notes yet');
});

async function withCredit(
  engine: (typeof ENGINES)[number],
  amounts: readonly number[],
  settings: Record<string, string> = {},
): Promise<Guest & { note: { number: string; clientId: string } }> {
  const guest = await aGuest(engine, amounts, settings);
  const { merchant, scope } = guest;
  const note = await issueCreditNote(merchant, {
    customerId: scope.customerId,
    currency: 'EUR',
    date: '2026-11-12',
    lines: [{ name: 'Returned paper', unitCost: '40' }],
  });
  await adjustCredit(merchant, {
    customerId: scope.customerId,
    amount: money(2_500, 'EUR'),
    notes: 'For your patience',
  });
  return { ...guest, note };
}

function idOf({ clientId }: { readonly clientId: string }): string {
  return clientId;
}

/** The invoices whose boxes are ticked. */
function ticked(html: string): string[] {
  const boxes = [...html.matchAll(/<input[^>]*type="checkbox"[^>]*>/g)].map(([tag]) => tag);
  return boxes.filter((tag) => /\schecked/.test(tag)).map((tag) => /value="(\w+)"/.exec(tag)![1]!);
}
