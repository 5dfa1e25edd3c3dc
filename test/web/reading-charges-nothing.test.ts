import { describe, expect, test } from 'vitest';
import { addMethod } from '#src/payments/methods/method-setup.ts';
import { collectDue } from '#src/payments/collecting/autopay.ts';
import { payInvoices } from '#src/payments/taking/pay.ts';
import { mintMagicLink } from '#src/signin/magic-links.ts';
import { cardSource, customerWithInvoices, ENGINES } from '#test/support/house.ts';
import { Visitor } from '#test/support/portal.ts';
import { openPortal } from '#test/support/portal.ts';
import { pageFiles } from '#test/support/routes.ts';
import { busyTenant } from '../tenancy/busy-tenant.ts';

const DAY_MS = 86_400_000;
/** Where money stands, and what is to become of it. */
const TABLES =
  `payment_attempts attempt_allocations attempt_slots payments payment_applications refunds disputes journal postings
  credit_adjustments promises payment_methods method_setups payment_plans installments customers`.split(
    /\s+/,
  );

describe.each(ENGINES)('on %s', (engine) => {
  test('no page that is read charges, settles or enrols: not with AutoPay due and answers lost', async () => {
    const { open, merchant, visitor, addresses } = await somebodyWithMoneyDue(engine);
    const unvisited = pageFiles().filter((route) => addresses[route] === undefined);
    expect(unvisited).toEqual([]);
    const before = await booksOf(open, merchant.tenant.id);
    for (const [route, paths] of Object.entries(addresses))
      for (const path of paths)
        for (let times = 0; times < 3; times++) {
          const { status } = await visitor.get(path);
          expect(status, path).toBeLessThan(500);
          expect(await booksOf(open, merchant.tenant.id), `${route}: ${path}`).toEqual(before);
        }
    // What was waiting all the time is collected by those whose work it is.
    expect((await collectDue(merchant)).map(({ outcome }) => outcome.state)).toContain('succeeded');
  });
});

async function somebodyWithMoneyDue(engine: (typeof ENGINES)[number]) {
  let fault: 'lose_answer' | undefined;
  const open = await openPortal(engine, { fault: () => fault });
  const busy = await busyTenant(open);
  const { merchant, scope, invoices } = busy;
  const working = await addMethod(scope, { nonce: 'the form of a card that works', with: cardSource() });
  // The card that AutoPay has tried is declined; one that works is there, and a try that failed waits for its day.
  const declined = await addMethod(scope, {
    nonce: 'the form of a card that declines',
    with: cardSource('4000000000000069'),
    autopay: true,
  });
  expect([working.state, declined.state]).toEqual(['saved', 'saved']);
  const late = await customerWithInvoices(merchant, [7_000], 'Late');
  expect(late.invoices).toHaveLength(1);
  open.clock.move(2 * DAY_MS);
  expect((await collectDue(merchant)).map(({ outcome }) => outcome.state)).toContain('declined');
  fault = 'lose_answer';
  const lost = await payInvoices(scope, {
    nonce: 'the nonce of a payment whose answer was lost',
    seen: new Map([[busy.detailed.clientId, 5_950]]),
    with: cardSource(),
  });
  expect(lost.state).toBe('unknown');
  fault = undefined;
  // Tried anew from tomorrow on, and it is tomorrow: with the card that works, nothing but a look keeps it waiting.
  await scope.db.update('payment_methods').set({ is_default: 0 }).where('is_default', '=', 1).execute();
  const id = working.state === 'saved' ? working.methodId : 0;
  await scope.db.update('payment_methods').set({ is_default: 1 }).where('id', '=', id).execute();
  open.clock.move(4 * DAY_MS);
  const setups = await scope.db.from('method_setups').select(['id']).execute();
  const visitor = await Visitor.signedIn(open, merchant, scope.customerId);
  const link = new URL(await mintMagicLink(merchant, scope.customerId, { ttlSeconds: 600 })).pathname;
  const receipt = busy.paid.state === 'succeeded' ? busy.paid.receipt : '';
  const [first, , third] = invoices.map(({ clientId }) => clientId);
  const attempts = [busy.attempt.attemptId, lost.attemptId];
  const key = `?key=${open.portal.mailboxKey}`;
  const addresses: Readonly<Record<string, readonly string[]>> = {
    index: ['/'],
    '[...path]': ['/nothing/here'],
    problem: ['/problem'],
    'access/index': ['/access'],
    'access/account': ['/access/account'],
    // Forms alone are sent there.
    'access/sessions/all': [],
    'access/sessions/index': [],
    'access/sign-out': [],
    autopay: ['/autopay', '/autopay?done=on', '/autopay?done=off'],
    'credit/index': ['/credit'],
    'credit_notes/index': ['/credit_notes'],
    'credit_notes/[id]/index': [`/credit_notes/${busy.note.clientId}`],
    'credit_notes/[id]/pdf': [`/credit_notes/${busy.note.clientId}/pdf`],
    'dev/mail/index': [`/dev/mail${key}`],
    'dev/mail/[id]/index': [`/dev/mail/1${key}`],
    'dev/mail/[id]/html': [`/dev/mail/1/html${key}`],
    'estimates/index': ['/estimates'],
    'estimates/[id]/index': [`/estimates/${busy.estimate.clientId}`],
    'estimates/[id]/pdf': [`/estimates/${busy.estimate.clientId}/pdf`],
    'estimates/[id]/approval': [`/estimates/${busy.estimate.clientId}/approval`],
    'estimates/[id]/decline': [`/estimates/${busy.estimate.clientId}/decline`],
    'invoices/index': ['/invoices', '/invoices?status=open'],
    'invoices/[id]/index': [`/invoices/${first}`, `/invoices/${third}`, `/invoices/${busy.planned.clientId}`],
    'invoices/[id]/pdf': [`/invoices/${third}/pdf`],
    'invoices/[id]/plan': [`/invoices/${busy.planned.clientId}/plan`],
    'login/index': ['/login'],
    'login/code': ['/login/code?email=petra@mueller.example'],
    'login/[token]': [link],
    'login/e/[token]': ['/login/e/nobody'],
    'pay/index': ['/pay', `/pay?invoice=${third}`],
    'pay/advance': ['/pay/advance'],
    'pay/attempts/[id]/index': attempts.flatMap((one) => [
      `/pay/attempts/${one}`,
      `/pay/attempts/${one}?look=1`,
    ]),
    'pay/attempts/[id]/challenge': attempts.flatMap((one) => [
      `/pay/attempts/${one}/challenge`,
      `/pay/attempts/${one}/challenge?again=1`,
    ]),
    'payment_methods/index': ['/payment_methods', '/payment_methods?done=added&collected=3'],
    'payment_methods/new': ['/payment_methods/new'],
    'payment_methods/[id]/index': [`/payment_methods/${id}`],
    'payment_methods/[id]/removal': [`/payment_methods/${id}/removal`],
    'payment_methods/[id]/verification': [`/payment_methods/${busy.methods.account}/verification`],
    'payment_methods/setups/[id]': setups.flatMap((one) => [
      `/payment_methods/setups/${one.id}`,
      `/payment_methods/setups/${one.id}?again=1`,
    ]),
    'payments/index': ['/payments'],
    'payments/[id]/index': [`/payments/${receipt}`],
    'payments/[id]/pdf': [`/payments/${receipt}/pdf`],
    promise: ['/promise', `/promise?invoice=${third}`],
  };
  return { open, merchant, visitor, addresses };
}

/** The rows of a tenant's money, and the gateway's own book. */
async function booksOf(open: Awaited<ReturnType<typeof openPortal>>, tenantId: number): Promise<unknown> {
  const tables = open.app.ports.store.kysely as unknown as {
    selectFrom(table: string): {
      selectAll(): { where(column: string, is: '=', value: number): { execute(): Promise<object[]> } };
    };
  };
  const rows = await Promise.all(
    TABLES.map(async (table) => {
      const own = await tables.selectFrom(table).selectAll().where('tenant_id', '=', tenantId).execute();
      return [table, own.map((row) => JSON.stringify(row)).toSorted()] as const;
    }),
  );
  const invoices = await tables
    .selectFrom('invoices')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .execute();
  const money = invoices.map((row) => {
    const { id, balance_minor, pending_minor, attempt_count, next_attempt_at, autopay, by_hand, state } =
      row as Record<string, unknown>;
    return JSON.stringify([
      id,
      balance_minor,
      pending_minor,
      attempt_count,
      next_attempt_at,
      autopay,
      by_hand,
      state,
    ]);
  });
  return { ...Object.fromEntries(rows), invoices: money.toSorted(), charged: open.gateway.book() };
}
