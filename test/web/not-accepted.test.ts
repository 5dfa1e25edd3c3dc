import { describe, expect, test } from 'vitest';
import { issueEstimate } from '#src/documents/issue.ts';
import { attachPlan } from '#src/payments/plans/plans.ts';
import { aGuest, type Guest, send, TYPED_CARD } from '#test/support/pages.ts';
import { textOf } from '#test/support/portal.ts';

/* A form that was not accepted is shown again: what is said about it comes first to the eye, to the ear and under the cursor. */

const NO_CARD = { with: 'card', number: '4242', expiry: '13/30', cvc: 'x', name: '' };

describe('a form that was not accepted', () => {
  test.each([
    ['/pay', { ...NO_CARD, email: 'nobody' }, 'Not paid yet', 'number'],
    ['/pay', { part: 'much', ...NO_CARD }, 'Not paid yet', 'part'],
    ['/pay/advance', { amount: '0', ...NO_CARD }, 'Not paid yet', 'amount'],
    ['/payment_methods/new', NO_CARD, 'Not added yet', 'number'],
    ['/autopay', { ...NO_CARD, number: '4242424242424242' }, 'Nothing was changed', 'expiry'],
    ['/promise', { method: 'wire_transfer', date: 'soon' }, 'Not noted yet', 'date'],
  ])(
    '%s with %j says “%s” in its title and above it, and opens in the field %s',
    async (page, typed, said, field) => {
      const { visitor } = await aDebtor();
      const answer = await send(visitor, page, page, typed);
      expect(answer.status).toBe(422);
      expect(answer.text).toMatch(new RegExp(`<title>${said}: `));
      expect(focused(answer.text)).toMatchObject([{ name: field, 'aria-invalid': 'true' }]);
      expectNoticeFirst(answer.text, said);
    },
  );

  test('what is wrong with an approval is said above it, in its title and all at once', async () => {
    const guest = await aDebtor();
    const path = await anEstimate(guest);
    const answer = await send(guest.visitor, path, path, { ...NO_CARD, initials: '' });
    expect(answer.status).toBe(422);
    expect(answer.text).toMatch(/<title>Not sent yet: /);
    expectNoticeFirst(answer.text, 'Not sent yet');
    for (const name of ['agree', 'field-initials', 'field-number', 'field-expiry', 'field-name'])
      expect(answer.text, name).toContain(`id="${name}-error"`);
  });

  test('with one field says what is wrong once, at the field, and in its title that it was not accepted', async () => {
    const { visitor } = await aDebtor();
    const answer = await send(visitor, '/login', '/login', { email: '' });
    expect(answer.status).toBe(422);
    expect(answer.text).toMatch(/<title>You’re not signed in yet: /);
    expect(focused(answer.text)).toMatchObject([{ name: 'email', 'aria-invalid': 'true' }]);
    expect(answer.text).toContain('id="field-email-error"');
    expect(answer.text).not.toContain('portal-notice');
  });

  test('where no field is to blame, the page opens at the notice', async () => {
    const { visitor } = await aDebtor();
    for (let i = 0; i < 6; i++)
      await send(visitor, '/pay', '/pay', {
        ...NO_CARD,
        number: '4000000000000069',
        expiry: '12/30',
        cvc: '123',
        name: 'Petra',
      });
    const answer = await send(visitor, '/pay', '/pay', {
      ...NO_CARD,
      number: '4242424242424242',
      expiry: '12/30',
      cvc: '123',
      name: 'Petra',
    });
    expect(answer.status).toBe(429);
    expect(focused(answer.text)).toMatchObject([{ class: 'portal-notice portal-tone-warn', tabindex: '-1' }]);
  });

  test('what a page is at first has no notice in its title, and the cursor nowhere', async () => {
    const { visitor } = await aDebtor();
    const { text } = await visitor.get('/pay');
    expect(text).toMatch(/<title>Pay 2 invoices · /);
    expect(focused(text)).toEqual([]);
  });
});

describe('a form says everything that is wrong with it at once, because the browser does not stop at the first', () => {
  test('its page leaves checking to the server', async () => {
    const guest = await aDebtor();
    const { visitor } = guest;
    for (const page of [
      '/pay',
      '/pay/advance',
      '/promise',
      '/autopay',
      '/payment_methods/new',
      await anEstimate(guest),
    ])
      expect((await visitor.get(page)).text, page).toMatch(/<form[^>]* method="post" novalidate/);
    for (const page of ['/login']) expect((await visitor.get(page)).text, page).toContain('novalidate');
  });

  test('a payment in advance: the amount and the card', async () => {
    const { visitor } = await aDebtor();
    const answer = await send(visitor, '/pay/advance', '/pay/advance', { amount: '', ...NO_CARD });
    for (const name of ['amount', 'number', 'expiry', 'cvc', 'name'])
      expect(answer.text, name).toContain(`id="field-${name}-error"`);
    const most = await send(visitor, '/pay/advance', '/pay/advance', {
      ...TYPED_CARD,
      amount: '100000000000.01',
    });
    expect(textOf(most.text)).toContain('The largest amount possible is €100,000,000,000.00.');
  });

  test('a payment plan: the card and the agreement', async () => {
    const { merchant, visitor, invoices } = await aDebtor();
    await attachPlan(merchant, invoices[0]!.id, [{ date: '2027-05-01', minor: 10_000 }]);
    const page = `/invoices/${invoices[0]!.clientId}/plan`;
    const answer = await send(visitor, page, page, NO_CARD);
    for (const id of ['field-number-error', 'field-name-error', 'agree-error'])
      expect(answer.text, id).toContain(`id="${id}"`);
    expect(answer.text).toMatch(/<title>Not agreed yet: /);
  });
});

test('with AutoPay on, another method is behind “Change”; where the choice was wrong it is in sight', async () => {
  const { visitor } = await aDebtor();
  const form = '/payment_methods/new';
  await send(visitor, form, form, { with: 'card', ...TYPED_CARD });
  expect((await visitor.get('/autopay')).text).not.toMatch(/<summary>\s*Change/);
  await send(visitor, '/autopay', '/autopay', {});
  expect((await visitor.get('/autopay')).text).toMatch(/<summary>\s*Change/);
  const wrong = await send(visitor, '/autopay', '/autopay', NO_CARD);
  expect([wrong.status, /<summary>\s*Change/.test(wrong.text)]).toEqual([422, false]);
});

test('what is paid stands before what it is paid with, in the order of the page: amounts, then the button', async () => {
  const { visitor } = await aDebtor();
  const { text } = await visitor.get('/pay');
  expect(text.indexOf('name="part"')).toBeLessThan(text.indexOf('name="number"'));
  expect(text.indexOf('name="part"')).toBeLessThan(text.indexOf('portal-button-go'));
});

function aDebtor(): Promise<Guest> {
  return aGuest('sqlite', [10_000, 2_000], {
    'payments.partial': 'on',
    'payments.advance': 'on',
    'payments.instructions_wire_transfer': 'IBAN DE02 1203 0000 0000 2020 51',
    'estimates.terms': 'Half now, the rest on delivery.',
  });
}

async function anEstimate({ merchant, scope }: Guest): Promise<string> {
  const { clientId } = await issueEstimate(merchant, {
    customerId: scope.customerId,
    currency: 'EUR',
    date: '2026-11-20',
    lines: [{ name: 'A shelf for paper', unitCost: '80' }],
    deposit: { percent: '50' },
  });
  return `/estimates/${clientId}/approval`;
}

/** The attributes of whatever the page opens at. */
function focused(html: string): Array<Record<string, string>> {
  return [...html.matchAll(/<\w+(?=[^>]*\sautofocus[\s>])[^>]*>/g)].map(([tag]) =>
    Object.fromEntries([...tag.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value])),
  );
}

function expectNoticeFirst(html: string, said: string): void {
  const main = html.slice(html.indexOf('<main'));
  const notice = main.indexOf('portal-notice');
  expect(textOf(main.slice(notice - 20))).toContain(said);
  expect(notice).toBeGreaterThan(main.indexOf('<h1'));
  const later = ['<aside', '<form'].map((tag) => main.indexOf(tag)).filter((at) => at !== -1);
  expect(Math.min(...later)).toBeGreaterThan(notice);
}
