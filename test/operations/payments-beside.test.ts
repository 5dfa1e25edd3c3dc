import { CompiledQuery, type KyselyPlugin } from 'kysely';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import type { Store } from '#db/open.ts';
import { payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import { customerScope, type CustomerScope, type MerchantScope, operatorScope } from '#src/scope.ts';
import { findTenant, openMerchant } from '#src/tenants/tenants.ts';
import { cardSource, customerWithInvoices, type House, openHouse } from '#test/support/house.ts';
import { expectSoundBooks } from '#test/support/money.ts';
import { reconcile } from '#test/support/work.ts';

const MINOR = 5_000;
const CUSTOMERS = 12;
const INVOICES = 3;

test('two customers of a tenant pay beside one another on PostgreSQL, and the same customer does not', async () => {
  const house = await openHouse('postgres');
  const merchant = await house.tenant();
  const [ada, eve] = [await debtor(merchant), await debtor(merchant)];
  const gate = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const slow = await through(house, ada.scope, async (work, tx) => {
    const answer = await work(tx);
    held.resolve();
    await gate.promise;
    return answer;
  });
  const first = pay(slow, ada.invoices[0]!);
  await held.promise;
  // Inside of Ada's transaction: Eve's payment is through, and Ada's own next one has not begun.
  expect(await pay(eve.scope, eve.invoices[0]!)).toBe('succeeded');
  const second = pay(ada.scope, ada.invoices[1]!);
  expect(await pay(eve.scope, eve.invoices[1]!)).toBe('succeeded');
  expect(await ada.scope.db.from('payment_attempts').select('id').execute()).toEqual([]);
  gate.resolve();
  expect(await Promise.all([first, second])).toEqual(['succeeded', 'succeeded']);
  expect(await receiptNumbers(house)).toEqual(numbersTo(4));
});

test('a payment takes its number last, when nothing is left to do that others would wait for', async () => {
  const house = await openHouse('postgres');
  const ada = await debtor(await house.tenant());
  const transactions: string[][] = [];
  const watched = await through(house, ada.scope, (work, tx) => {
    const statements: string[] = [];
    transactions.push(statements);
    const note: KyselyPlugin = {
      transformQuery: ({ node }) => (statements.push(`${node.kind} ${JSON.stringify(node)}`), node),
      transformResult: ({ result }) => Promise.resolve(result),
    };
    return work(tx.withPlugin(note));
  });
  expect(await pay(watched, ada.invoices[0]!)).toBe('succeeded');
  const settling = transactions.at(-1)!;
  expect(settling.some((text) => /^InsertQueryNode.*"payments"/.test(text))).toBe(true);
  expect(settling.at(-1)).toMatch(/^UpdateQueryNode.*"payments".*"number"/);
  expect(await receiptNumbers(house)).toEqual(numbersTo(1));
});

test('receipt numbers have no gaps and are in order, though payments run beside one another, fail and lose their connection', async () => {
  const house = await openHouse('postgres');
  const merchant = await house.tenant();
  const debtors = await Promise.all(Array.from({ length: CUSTOMERS }, () => debtor(merchant)));
  const killer = new Client({ connectionString: house.config.databaseUrl });
  await killer.connect();
  onTestFinished(() => killer.end());
  let settled = 0;
  const outcomes = await Promise.allSettled(
    debtors.flatMap(({ scope, invoices }) =>
      invoices.map(async (invoice) => {
        const troubled = await through(house, scope, async (work, tx) => {
          const answer = await work(tx);
          // Only what has taken its number is spoiled: every fourth fails, every fifth loses its connection before it commits.
          if (!(await hasNumber(tx))) return answer;
          settled += 1;
          if (settled % 4 === 0) throw new Error('spoiled');
          if (settled % 5 === 0) await killer.query('select pg_terminate_backend($1)', [await backendOf(tx)]);
          return answer;
        });
        return pay(troubled, invoice);
      }),
    ),
  );
  expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
  expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
  const before = await receiptNumbers(house);
  expect(before).toEqual(numbersTo(before.length));
  // What was charged and not recorded is found out, and numbered after the others.
  for (let look = 0; look < 10; look++) {
    house.clock.move(60 * 60_000);
    await reconcile(merchant);
  }
  const attempts = await merchant.db.from('payment_attempts').select('state').execute();
  const taken = attempts.filter(({ state }) => state === 'succeeded').length;
  expect(await receiptNumbers(house)).toEqual(numbersTo(taken));
  expect(house.gateway.book()).toHaveLength(taken);
  expect(taken).toBe(CUSTOMERS * INVOICES);
  await expectSoundBooks(house);
});

interface Debtor {
  readonly scope: CustomerScope;
  readonly invoices: ReadonlyArray<{ readonly clientId: string; readonly minor: number }>;
}

function debtor(merchant: MerchantScope): Promise<Debtor> {
  return customerWithInvoices(
    merchant,
    Array.from({ length: INVOICES }, () => MINOR),
  );
}

type Transaction = Parameters<Parameters<Store['transaction']>[0]>[0];

/** The same customer, whose transactions on the same database are done within `around`. */
async function through(
  { app }: House,
  { customerId }: CustomerScope,
  around: <Answer>(work: (tx: Transaction) => Promise<Answer>, tx: Transaction) => Promise<Answer>,
): Promise<CustomerScope> {
  const { store } = app.ports;
  const watched: Store = {
    ...store,
    transaction: (work, lane) => store.transaction((tx) => around(work, tx), lane),
  };
  const operator = operatorScope({ ...app.ports, store: watched });
  return customerScope(await openMerchant(operator, await findTenant(operator, 'acme')), customerId);
}

async function pay(scope: CustomerScope, { clientId, minor }: Debtor['invoices'][number]): Promise<string> {
  const seen = new Map([[clientId, minor]]);
  const { nonce } = await preparePayment(scope, [clientId]);
  return (await payInvoices(scope, { nonce, seen, with: cardSource() })).state;
}

/** The numbers of all receipts, sorted. */
async function receiptNumbers({ app }: House): Promise<string[]> {
  const rows = await app.ports.store.kysely.selectFrom('payments').select('number').execute();
  return rows.map(({ number }) => number).toSorted();
}

function numbersTo(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `R-${String(i + 1).padStart(5, '0')}`);
}

/** Whether the transaction has counted up the number of receipts. */
async function hasNumber(tx: Transaction): Promise<boolean> {
  const { rows } = await tx.executeQuery(
    CompiledQuery.raw(
      `select 1 from counters where name = 'number:payments' and xmin = pg_current_xact_id()::xid`,
    ),
  );
  return rows.length > 0;
}

async function backendOf(tx: Transaction): Promise<number> {
  const { rows } = await tx.executeQuery<{ pid: number }>(
    CompiledQuery.raw('select pg_backend_pid() as pid'),
  );
  return rows[0]!.pid;
}
