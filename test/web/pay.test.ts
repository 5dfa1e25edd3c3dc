import { describe, expect, test } from 'vitest';
import { setSetting } from '#src/tenants/settings.ts';
import { customerWithInvoices, ENGINES } from '#test/support/house.ts';
import { type Answer, formFields, openPortal, textOf, Visitor } from '#test/support/portal.ts';

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
  });

  test('the summary names every invoice with its amount, and the sum', async () => {
    const { visitor, invoices } = await aDebt(engine, [10_000, 2_550, 1]);
    const page = await visitor.get('/pay');
    const summary = textOf(page.text.slice(page.text.indexOf('<aside')));
    for (const [i, amount] of ['€100.00', '€25.50', '€0.01'].entries()) {
      expect(summary).toContain(`${invoices[i]!.number} is due on 24 November 2026 ${amount}`);
    }
    expect(summary).toContain('Total to pay €125.51');
    expect(page.text).toContain('Pay €125.51');
  });

  test('a declined card: the gateway’s reason stands beside the field, and everything typed is kept', async () => {
    const { open, visitor } = await aDebt(engine, [10_000]);
    const typed = { ...CARD, number: '4000 0000 0000 0127', email: 'other@mueller.example' };
    const answer = await visitor.post('/pay', await filled(visitor, typed));
    expect(answer.status).toBe(422);
    expect(reasonBeside(answer.text, 'cvc')).toMatch(/^The security code is not right\./);
    expect(textOf(answer.text)).toContain('Nothing was charged.');
    expect(Object.fromEntries(formFields(answer.text, '/pay'))).toMatchObject(typed);
    expect(open.gateway.book().filter(({ state }) => state === 'succeeded')).toEqual([]);
    const retry = formFields(answer.text, '/pay').filter(([name]) => !(name in CARD));
    expect((await visitor.post('/pay', [...retry, ...Object.entries(CARD)])).status).toBe(303);
  });

  test('what is mistyped is said beside its field, everything typed is kept, and the gateway is not asked', async () => {
    const { open, visitor } = await aDebt(engine, [10_000]);
    const typed = { number: '4242', expiry: '13/30', cvc: 'x', name: 'P', email: 'nobody' };
    const answer = await visitor.post('/pay', await filled(visitor, typed));
    expect(answer.status).toBe(422);
    expect(reasonBeside(answer.text, 'number')).toBe('Enter the 12 to 19 digits on the card.');
    for (const name of Object.keys(typed)) expect(reasonBeside(answer.text, name), name).not.toBe('');
    expect(Object.fromEntries(formFields(answer.text, '/pay'))).toMatchObject(typed);
    expect(open.gateway.book()).toEqual([]);
  });

  test('after many cards that were declined the page says to wait, and no card is asked for', async () => {
    const { open, visitor } = await aDebt(engine, [10_000]);
    const declining = { ...CARD, number: '4000 0000 0000 0069' };
    for (let i = 0; i < 6; i++) await visitor.post('/pay', await filled(visitor, declining));
    const answer = await visitor.post('/pay', await filled(visitor, CARD));
    expect(answer.status).toBe(429);
    expect(textOf(answer.text)).toContain('Wait a few minutes, then try again.');
    expect(open.gateway.book().filter(({ state }) => state === 'succeeded')).toEqual([]);
    open.clock.move(10 * 60_000);
    expect((await visitor.post('/pay', await filled(visitor, CARD))).status).toBe(303);
  });

  test('a double click charges once, and both clicks lead to the one receipt', async () => {
    const { open, visitor } = await aDebt(engine, [10_000]);
    const form = await filled(visitor, CARD);
    const answers = await Promise.all([visitor.post('/pay', form), visitor.post('/pay', form)]);
    const pages = await Promise.all(answers.map((answer) => receiptAt(visitor, answer)));
    expect(new Set(pages).size).toBe(1);
    expect(open.gateway.book()).toHaveLength(1);
  });

  test('two tabs charge once: the second is told that nothing is left to pay', async () => {
    const { open, visitor } = await aDebt(engine, [10_000]);
    const [one, other] = [await filled(visitor, CARD), await filled(visitor, CARD)];
    expect((await visitor.post('/pay', one)).status).toBe(303);
    const second = await visitor.post('/pay', other);
    expect(second.status).toBeGreaterThanOrEqual(400);
    expect(textOf(second.text)).toMatch(/paid|nothing to pay/i);
    expect(open.gateway.book()).toHaveLength(1);
  });

  test('going back and sending the form again charges once, and shows the same receipt', async () => {
    const { open, visitor } = await aDebt(engine, [10_000]);
    const form = await filled(visitor, CARD);
    const first = await visitor.post('/pay', form);
    expect(first.headers.location).toMatch(/^\/payments\//);
    const again = await visitor.post('/pay', form);
    expect(again.headers.location).toBe(first.headers.location);
    expect(open.gateway.book()).toHaveLength(1);
  });

  test('the form of a payment leads to its receipt for ever, also when nothing can be paid online any more', async () => {
    const { open, visitor, merchant } = await aDebt(engine, [10_000]);
    const form = await filled(visitor, CARD);
    const first = await visitor.post('/pay', form);
    expect(first.headers.location).toMatch(/^\/payments\//);
    await setSetting(merchant, 'payments.gateway', 'offline');
    const again = await visitor.post('/pay', form);
    expect([again.status, again.headers.location]).toEqual([303, first.headers.location]);
    expect(open.gateway.book()).toHaveLength(1);
  });

  test('a retry after a lost answer charges once, and both ways lead to the one receipt', async () => {
    const { open, visitor } = await aDebt(engine, [10_000], 'lose_answer');
    const form = await filled(visitor, CARD);
    const first = await visitor.post('/pay', form);
    expect(first.headers.location).toMatch(/^\/pay\/attempts\//);
    const again = await visitor.follow(await visitor.post('/pay', form));
    expect(textOf(again.text)).toContain('Thank you. Your payment arrived. €100.00');
    expect((await visitor.follow(first)).text).toBe(again.text);
    expect(open.gateway.book()).toHaveLength(1);
  });

  test('while nobody knows what became of a payment, the page says so, and a new form is not charged beside it', async () => {
    const { open, visitor } = await aDebt(engine, [10_000], 'lose_request');
    const other = await filled(visitor, CARD);
    const lost = await visitor.follow(await visitor.post('/pay', await filled(visitor, CARD)));
    expect(textOf(lost.text)).toContain('We are checking with your bank');
    expect(textOf(lost.text)).toContain('you are never charged twice');
    const second = await visitor.post('/pay', other);
    expect(second.status).toBe(409);
    expect(textOf(second.text)).toContain('A payment is already on its way');
    expect(open.gateway.book().filter(({ state }) => state === 'succeeded')).toEqual([]);
  });

  test('a nonce that could be taken for the slot of a job is no nonce of a form', async () => {
    const { open, visitor } = await aDebt(engine, [10_000]);
    const form = (await filled(visitor, CARD)).filter(([name]) => name !== 'nonce');
    for (const nonce of [
      'autopay:1:1:000000000000',
      'installment:0000000001:01',
      'short',
      'x y'.repeat(10),
    ]) {
      expect((await visitor.post('/pay', [...form, ['nonce', nonce]])).status).toBe(422);
    }
    expect(open.gateway.book()).toEqual([]);
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

async function aDebt(
  engine: (typeof ENGINES)[number],
  amounts: readonly number[],
  fault?: 'lose_answer' | 'lose_request',
) {
  const open = await openPortal(engine, fault ? { fault: () => fault } : {});
  const merchant = await open.tenant();
  const { scope, invoices } = await customerWithInvoices(merchant, amounts);
  return { open, merchant, invoices, visitor: await Visitor.signedIn(open, merchant, scope.customerId) };
}

/** The payment form of everything open, filled in. */
async function filled(visitor: Visitor, typed: Record<string, string>): Promise<Array<[string, string]>> {
  const fields = formFields((await visitor.get('/pay')).text, '/pay');
  return [...fields.filter(([name]) => !(name in typed)), ...Object.entries(typed)];
}

/** What is said beside a field, tied to it for screen readers; the empty text where nothing is. */
function reasonBeside(page: string, field: string): string {
  const input = page.match(/<input\b[^>]*>/g)!.find((tag) => tag.includes(` name="${field}"`)) ?? '';
  const described = /aria-describedby="([^"]+)"/.exec(input)?.[1];
  if (!input.includes('aria-invalid="true"') || !described) return '';
  return textOf(new RegExp(`<p[^>]*id="${described}"[\\s\\S]*?</p>`).exec(page)?.[0] ?? '');
}

/** The address of the receipt that an answer leads to, at once or when the payment that is under way is through. */
async function receiptAt(visitor: Visitor, answer: Answer): Promise<string> {
  let location = String(answer.headers.location);
  for (let tries = 0; tries < 50 && !location.startsWith('/payments/'); tries++) {
    const page = await visitor.get(location);
    location = String(page.headers.location ?? location);
  }
  return location;
}
