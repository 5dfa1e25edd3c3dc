import { describe, expect, test } from 'vitest';
import { customerWithInvoices, ENGINES } from '#test/support/house.ts';
import { formFields, openPortal, textOf, Visitor } from '#test/support/portal.ts';

const CARD = { number: '4242 4242 4242 4242', expiry: '12/30', cvc: '123', name: 'Petra Müller' };

describe.each(ENGINES)('on %s, without JavaScript', (engine) => {
  test('a customer signs in by a magic link, ticks three invoices, pays them and holds the receipt', async () => {
    const open = await openPortal(engine);
    const merchant = await open.tenant();
    const { scope, invoices } = await customerWithInvoices(merchant, [10_000, 2_550, 1, 77_700]);
    const visitor = await Visitor.signedIn(open, merchant, scope.customerId);

    const home = await visitor.get('/');
    expect(home.status).toBe(200);
    expect(textOf(home.text)).toContain('€902.51');
    const list = await visitor.get('/invoices');
    expect(textOf(list.text)).toContain('Total of 4');

    const chosen = invoices.slice(0, 3);
    const pay = await visitor.get(`/pay?${chosen.map(({ clientId }) => `invoice=${clientId}`).join('&')}`);
    expect(textOf(pay.text)).toContain('Pay 3 invoices');
    expect(textOf(pay.text)).toContain('€125.51');
    const fields = formFields(pay.text, '/pay').filter(([name]) => !(name in CARD));
    const sent = await visitor.post('/pay', [...fields, ...Object.entries(CARD)]);
    expect(sent.status).toBe(303);
    const receipt = await visitor.follow(sent);
    expect(textOf(receipt.text)).toContain('Thank you. Your payment arrived.');
    expect(textOf(receipt.text)).toContain('R-00001');
    const pdf = await visitor.get(`${String(sent.headers.location)}/pdf`);
    expect(pdf.headers['content-type']).toBe('application/pdf');
    expect(pdf.body.subarray(0, 5).toString()).toBe('%PDF-');
    expect(open.gateway.book()).toMatchObject([{ minor: 12_551, state: 'succeeded' }]);

    const again = await visitor.post('/pay', [...fields, ...Object.entries(CARD)]);
    expect(again.headers.location).toBe(sent.headers.location);
    expect(open.gateway.book()).toHaveLength(1);
  });

  test('a declined card keeps what was typed and says why beside the field', async () => {
    const open = await openPortal(engine);
    const merchant = await open.tenant();
    const { scope } = await customerWithInvoices(merchant, [10_000]);
    const visitor = await Visitor.signedIn(open, merchant, scope.customerId);
    const page = await visitor.get('/pay');
    const fields = formFields(page.text, '/pay').filter(([name]) => !(name in CARD));
    const answer = await visitor.post('/pay', [
      ...fields,
      ...Object.entries({ ...CARD, number: '4000 0000 0000 0127' }),
    ]);
    expect(answer.status).toBe(422);
    expect(textOf(answer.text)).toContain('The security code is not right.');
    expect(Object.fromEntries(formFields(answer.text, '/pay'))).toMatchObject({
      name: 'Petra Müller',
      expiry: '12/30',
    });
    const retry = formFields(answer.text, '/pay').filter(([name]) => !(name in CARD));
    expect((await visitor.post('/pay', [...retry, ...Object.entries(CARD)])).status).toBe(303);
  });

  test('a challenge stands between the card and the receipt', async () => {
    const open = await openPortal(engine);
    const merchant = await open.tenant();
    const { scope } = await customerWithInvoices(merchant, [10_000]);
    const visitor = await Visitor.signedIn(open, merchant, scope.customerId);
    const page = await visitor.get('/pay');
    const fields = formFields(page.text, '/pay').filter(([name]) => !(name in CARD));
    const sent = await visitor.post('/pay', [
      ...fields,
      ...Object.entries({ ...CARD, number: '4000002760003184' }),
    ]);
    const challenge = await visitor.follow(sent);
    expect(textOf(challenge.text)).toContain('Confirm this payment');
    const done = await visitor.follow(
      await visitor.post(String(sent.headers.location), { answer: 'approve' }),
    );
    expect(textOf(done.text)).toContain('Thank you. Your payment arrived.');
  });
});

test('whoever is not signed in is led to the sign-in page, and back to the page that was asked for', async () => {
  const open = await openPortal();
  const merchant = await open.tenant();
  const visitor = new Visitor(merchant.tenant.origin, open.portal.port);
  const answer = await visitor.get('/invoices');
  expect([answer.status, answer.headers.location]).toEqual([303, '/login?to=invoices']);
  expect(textOf((await visitor.follow(answer)).text)).toContain('Sign in to your account');
});

test('what is not there looks like the portal and says what to do', async () => {
  const open = await openPortal();
  const merchant = await open.tenant();
  const { scope } = await customerWithInvoices(merchant, [100]);
  const visitor = await Visitor.signedIn(open, merchant, scope.customerId);
  for (const path of ['/nowhere', '/invoices/000000000000000000000000', '/payments/x']) {
    const answer = await visitor.get(path);
    expect(answer.status, path).toBe(404);
    expect(textOf(answer.text), path).toContain('Go to my account');
  }
  const bad = await visitor.get('/login/not.a.token');
  expect([bad.status, textOf(bad.text).includes('This sign-in link does not work')]).toEqual([400, true]);
});
