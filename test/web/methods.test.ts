import { describe, expect, test } from 'vitest';
import { createCustomer } from '#src/customers/customers.ts';
import { findMethod, listMethods } from '#src/payments/methods/methods.ts';
import { customerScope } from '#src/scope.ts';
import { cardSource, ENGINES } from '#test/support/house.ts';
import { savedMethod } from '#test/support/instruments.ts';
import {
  aGuest,
  asViewer,
  changesNothing,
  readAfter,
  send,
  TYPED_CARD,
  TYPED_IBAN,
} from '#test/support/pages.ts';
import { textOf, Visitor } from '#test/support/portal.ts';

const NEW = '/payment_methods/new';
const US_ACCOUNT = {
  with: 'bank',
  bank_holder: 'Ann Lee',
  routing: '110000000',
  account: '123456789',
  account_again: '123456789',
};

describe.each(ENGINES)('payment methods on %s, without JavaScript', (engine) => {
  test('a card is added, named, made default and removed, and each step says what was done', async () => {
    const { visitor, scope } = await aGuest(engine);
    expect(await readAfter(visitor, await visitor.get('/payment_methods'))).toContain('Nothing is kept yet');
    const added = await readAfter(visitor, await send(visitor, NEW, NEW, { with: 'card', ...TYPED_CARD }));
    expect(added).toContain('Visa ending 4242');
    expect(added).toContain('Default');
    const second = { with: 'card', ...TYPED_CARD, number: '5454545454545454', label: 'Travel card' };
    expect(await readAfter(visitor, await send(visitor, NEW, NEW, second))).toContain('Travel card');
    const [visa, master] = await listMethods(scope);
    await visitor.post('/payment_methods', { default: String(master!.id) });
    expect((await findMethod(scope, master!.id)).is_default).toBe(1);
    const path = `/payment_methods/${visa!.id}`;
    expect(await readAfter(visitor, await send(visitor, path, path, { label: 'Old card' }))).toContain(
      'Old card',
    );
    const removal = await send(visitor, `${path}/removal`, `${path}/removal`, {});
    expect(await readAfter(visitor, removal)).toContain('Removed Old card (Visa ending 4242)');
    expect(textOf((await visitor.get('/payment_methods')).text)).not.toContain('Old card');
    expect((await listMethods(scope)).map(({ id }) => id)).toEqual([master!.id]);
  });

  test('an account in euros is debited at once; an American one waits for two deposits, and three wrong tries end it', async () => {
    const { open, merchant, visitor, scope } = await aGuest(engine);
    expect(await readAfter(visitor, await send(visitor, NEW, NEW, TYPED_IBAN))).toContain(
      'Bank account ending 6199',
    );
    expect(await listMethods(scope)).toMatchObject([{ state: 'usable', bank_country: 'DE' }]);
    const { id } = await createCustomer(merchant, { name: 'Ann Lee', currency: 'USD' });
    const ann = await Visitor.signedIn(open, merchant, id);
    const waits = await readAfter(ann, await send(ann, NEW, NEW, { ...US_ACCOUNT, verify: 'deposits' }));
    expect(waits).toContain('Bank account ending 6789');
    const theirs = customerScope(merchant, id);
    const [method] = await listMethods(theirs);
    expect(method?.state).toBe('verifying');
    expect(textOf((await ann.get('/')).text)).toContain('Confirm your bank account');
    const verify = `/payment_methods/${method!.id}/verification`;
    const wrong = await send(ann, verify, verify, { first: '0.01', second: '0.02' });
    expect([wrong.status, (await findMethod(theirs, method!.id)).state]).toEqual([422, 'verifying']);
    const right = await send(ann, verify, verify, { first: '0.35', second: '0.45' });
    expect(await readAfter(ann, right)).toContain('Default');
    expect((await findMethod(theirs, method!.id)).state).toBe('usable');
    await send(ann, NEW, NEW, {
      ...US_ACCOUNT,
      account: '123123893',
      account_again: '123123893',
      verify: 'deposits',
    });
    const other = (await listMethods(theirs)).find(({ state }) => state === 'verifying')!;
    const again = `/payment_methods/${other.id}/verification`;
    for (let tries = 0; tries < 3; tries++) await send(ann, again, again, { first: '0.01', second: '0.02' });
    expect((await findMethod(theirs, other.id)).state).toBe('failed');
  });

  test('what is mistyped or declined is said beside its field with everything kept as typed, and nothing is kept', async () => {
    const { visitor, scope } = await aGuest(engine);
    const typed = { with: 'bank', bank_holder: 'P', iban: 'DE00 1' };
    const mistyped = await send(visitor, NEW, NEW, typed);
    expect(mistyped.status).toBe(422);
    expect(textOf(mistyped.text)).toContain('This IBAN is not complete or has a typing mistake.');
    expect(mistyped.text).toContain('value="DE00 1"');
    const refused = await send(visitor, NEW, NEW, {
      with: 'card',
      ...TYPED_CARD,
      number: '4000000000000127',
    });
    expect(refused.status).toBe(422);
    expect(textOf(refused.text)).toContain('The security code is not right.');
    expect(await listMethods(scope)).toEqual([]);
  });

  test('a card that stops working soon is told of, on its page and on My Account, and a new one takes its place', async () => {
    const { visitor, scope } = await aGuest(engine);
    await send(visitor, NEW, NEW, { with: 'card', ...TYPED_CARD, expiry: '12/26' });
    expect(textOf((await visitor.get('/payment_methods')).text)).toContain('Expires soon');
    expect(textOf((await visitor.get('/')).text)).toContain('Your Visa ending 4242 expires soon');
    await send(visitor, NEW, NEW, { with: 'card', ...TYPED_CARD, number: '5454545454545454' });
    expect((await listMethods(scope))[0]).toMatchObject({ brand: 'Mastercard', is_default: 1 });
    expect(textOf((await visitor.get('/')).text)).not.toContain('expires soon');
  });

  test('somebody else’s method is not there, and a viewer may not touch one: nothing is written', async () => {
    const guest = await aGuest(engine);
    const { open, merchant, visitor, scope } = guest;
    const own = await savedMethod(open, scope, cardSource());
    const { id } = await createCustomer(merchant, { name: 'Somebody else' });
    const theirs = await savedMethod(open, customerScope(merchant, id), cardSource('5454545454545454'));
    for (const path of ['', '/removal', '/verification']) {
      const address = `/payment_methods/${theirs}${path}`;
      expect((await visitor.get(address)).status).toBe(404);
      await changesNothing(guest, 404, () =>
        visitor.post(address, { label: 'Mine', first: '0.35', second: '0.45' }),
      );
    }
    await changesNothing(guest, 404, () => visitor.post('/payment_methods', { default: String(theirs) }));
    const viewer = await asViewer(guest);
    await changesNothing(guest, 403, () =>
      viewer.post(NEW, { with: 'card', nonce: 'n'.repeat(24), ...TYPED_CARD }),
    );
    await changesNothing(guest, 403, () => viewer.post(`/payment_methods/${own}/removal`, {}));
    expect(textOf((await viewer.get('/')).text)).not.toContain('Payment methods');
  });
});
