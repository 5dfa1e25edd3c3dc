import { describe, expect, test } from 'vitest';
import { warnOfExpiry } from '#src/payments/collecting/expiring-cards.ts';
import { collectDue } from '#src/payments/collecting/autopay.ts';
import { enrol, leaveAutopay } from '#src/payments/methods/enrolment.ts';
import { removeMethod } from '#src/payments/methods/method-removal.ts';
import { expiryOf, listMethods } from '#src/payments/methods/methods.ts';
import { payInvoices } from '#src/payments/taking/pay.ts';
import { createTenant, openMerchant } from '#src/tenants/tenants.ts';
import { nowMs } from '#src/kernel/time.ts';
import { findInMailbox, listMailbox } from '#src/outbox/mailbox.ts';
import type { CustomerScope } from '#src/scope.ts';
import { workOnce } from '#src/work.ts';
import { cardSource, customerWithInvoices, ENGINES, type House, openHouse } from '#test/support/house.ts';
import { savedMethod } from '#test/support/instruments.ts';
import { expectSoundBooks } from '#test/support/money.ts';

/** The first minute of December in Berlin, where the merchant is. */
const DECEMBER = Date.parse('2026-11-30T23:00:00Z');

describe.each(ENGINES)('a card that AutoPay collects from and that expires, on %s', (engine) => {
  test('is told of by mail on the first day of its last month, once, however often and on however many processes', async () => {
    const { house, scope, merchant, mails } = await aPayer(engine);
    const card = await savedMethod(house, scope, endingIn(12, 2026));
    await enrol(scope, card);
    goTo(house, DECEMBER - 1);
    await workOnce(house.app);
    expect(await mails()).toEqual([]);
    goTo(house, DECEMBER);
    const told = await Promise.all([1, 2, 3].map(() => warnOfExpiry(merchant, String(card))));
    expect(told.filter(Boolean)).toHaveLength(1);
    for (let times = 0; times < 3; times++) await workOnce(house.app);
    expect(await mails()).toMatchObject([
      { to: 'petra@mueller.example', subject: 'Your Visa ending 4242 expires on 31 December 2026' },
    ]);
    const { text } = await findInMailbox(merchant, (await mails())[0]!.id);
    expect(text).toContain('Your invoices from acme Ltd are paid automatically with Visa ending 4242.');
    expect(text).toContain(`${scope.tenant.origin}/payment_methods/new`);
    house.clock.move(60 * 86_400_000);
    await workOnce(house.app);
    expect(await mails()).toHaveLength(1);
    await expectSoundBooks(house);
  });

  test('is no matter where nothing is collected from it: not enrolled, left, removed, replaced, or a bank account', async () => {
    const cases: ReadonlyArray<(house: House, scope: CustomerScope, card: number) => Promise<unknown>> = [
      async () => undefined,
      async (_house, scope, card) => {
        await enrol(scope, card);
        await leaveAutopay(scope, { plans: 'stop' });
      },
      async (_house, scope, card) => {
        await enrol(scope, card);
        await removeMethod(scope, card);
      },
      async (house, scope) => enrol(scope, await savedMethod(house, scope, endingIn(12, 2030))),
      async (house, scope) => {
        const account = { holder: 'P', holderType: 'company', iban: 'DE89370400440532013000' } as const;
        await enrol(scope, await savedMethod(house, scope, { kind: 'bank_account', account }));
      },
    ];
    for (const happens of cases) {
      const { house, scope, mails } = await aPayer(engine);
      await happens(house, scope, await savedMethod(house, scope, endingIn(12, 2026)));
      goTo(house, DECEMBER);
      await workOnce(house.app);
      expect(await mails(), String(happens)).toEqual([]);
      await house.end();
    }
  });

  test('is not told of when it was kept in its last month, when that passed unseen, or when there is no address', async () => {
    for (const [month, address] of [
      [11, 'petra@mueller.example'],
      [12, null],
    ] as const) {
      const { house, scope, mails } = await aPayer(engine);
      await scope.db.update('customers').set({ email: address }).execute();
      await enrol(scope, await savedMethod(house, scope, endingIn(month, 2026)));
      goTo(house, DECEMBER);
      await workOnce(house.app);
      expect(await mails()).toEqual([]);
    }
    const { house, scope, mails } = await aPayer(engine);
    await enrol(scope, await savedMethod(house, scope, endingIn(12, 2026)));
    goTo(house, Date.parse('2027-01-05T12:00:00Z'));
    await workOnce(house.app);
    expect(await mails()).toEqual([]);
  });

  test('is not told of any more when another card took its place before the mail left', async () => {
    const { house, scope, merchant, mails } = await aPayer(engine);
    const card = await savedMethod(house, scope, endingIn(12, 2026));
    await enrol(scope, card);
    goTo(house, DECEMBER);
    expect(await warnOfExpiry(merchant, String(card))).toBe(true);
    await enrol(scope, await savedMethod(house, scope, endingIn(12, 2030)));
    await workOnce(house.app);
    expect(await mails()).toEqual([]);
  });
});

test.each([
  ['America/Los_Angeles', '2027-02-01T07:30:00Z', 'succeeded'],
  ['America/Los_Angeles', '2027-02-01T08:00:00Z', 'declined'],
  ['Pacific/Auckland', '2027-01-31T10:59:00Z', 'succeeded'],
  ['Pacific/Auckland', '2027-01-31T11:00:00Z', 'declined'],
])('in %s at %s a card that expires 01/27 has %s', async (timeZone, at, state) => {
  const house = await openHouse();
  const operator = house.app.operator();
  const place = { name: 'West Ltd', currency: 'EUR', country: 'US', timeZone };
  const merchant = await openMerchant(operator, await createTenant(operator, { username: 'west', ...place }));
  const { scope, invoices } = await customerWithInvoices(merchant, [10_000, 20_000]);
  await enrol(scope, await savedMethod(house, scope, endingIn(1, 2027)));
  goTo(house, Date.parse(at));
  const typed = { nonce: 'the nonce of a form with a typed card', with: endingIn(1, 2027) };
  const seen = new Map([[invoices[0]!.clientId, 10_000]]);
  expect(await payInvoices(scope, { ...typed, seen })).toMatchObject({ state });
  const [method] = await listMethods(scope);
  expect(expiryOf(scope, method!) === 'expired').toBe(state === 'declined');
  expect((await collectDue(merchant)).map(({ outcome }) => outcome.state)).toContain(state);
});

/** Somebody without open invoices; the mails that left are read from the merchant's mailbox. */
async function aPayer(engine: (typeof ENGINES)[number]) {
  const house = await openHouse(engine);
  const merchant = await house.tenant();
  const { scope } = await customerWithInvoices(merchant, []);
  const mails = () => listMailbox(merchant);
  return { house, merchant, scope, mails };
}

function endingIn(expMonth: number, expYear: number) {
  const { card, ...source } = cardSource();
  return { ...source, card: { ...card, expMonth, expYear } };
}

function goTo({ clock }: House, atMs: number): void {
  clock.move(atMs - nowMs(clock));
}
