import type { House } from '#test/support/house.ts';
import type { Person } from './person.ts';

/**
 * What the books say of a customer, beside what they must say: the gateway's own book and the money that came and went outside it are the
 * truth about cash; everything else follows from the documents.
 */
export async function booksOf(person: Person, house: House): Promise<{ found: object; expected: object }> {
  const { db } = person.scope;
  const attempts = await db.from('payment_attempts').select(['id', 'state']).execute();
  const succeeded = attempts.filter(({ state }) => state === 'succeeded').map(({ id }) => id);
  const payments = await db.from('payments').select(['gateway_payment_id', 'attempt_id']).execute();
  const invoices = await db
    .from('invoices')
    .select(['id', 'total_minor', 'balance_minor', 'pending_minor', 'state'])
    .execute();
  const notes = await db.from('credit_notes').select('balance_minor as minor').execute();
  const cash = takenBy(house, new Set(succeeded)) - givenBack(house, payments) + person.outside;
  const ledger = await sums(person);
  return {
    found: {
      cash: ledger.get('cash') ?? 0,
      receivable: ledger.get('receivable') ?? 0,
      creditNotes: 0 - (ledger.get('credit_note') ?? 0),
      receipts: payments.filter((payment) => payment.attempt_id !== null).length,
      sum: [...ledger.values()].reduce((total, minor) => total + minor, 0),
      belowZero: [
        ...invoices.filter((row) => row.balance_minor < 0 || row.pending_minor < 0),
        ...invoices.filter((row) => row.balance_minor > row.total_minor),
        ...invoices.filter((row) => row.pending_minor > row.balance_minor),
        ...notes.filter(({ minor }) => minor < 0),
        ...((ledger.get('credit_balance') ?? 0) > 0 ? ['credit balance'] : []),
      ],
      plans: await plansApart(person),
      faults: person.faults,
    },
    expected: {
      cash,
      receivable: invoices.reduce((total, row) => total + row.balance_minor, 0),
      creditNotes: notes.reduce((total, { minor }) => total + minor, 0),
      receipts: succeeded.length,
      sum: 0,
      belowZero: [],
      plans: [],
      faults: [],
    },
  };
}

/** What the gateway's own book says that it took for attempts that are known here to have succeeded. */
function takenBy(house: House, attempts: ReadonlySet<string>): number {
  return house.gateway
    .book()
    .filter(({ attemptId, state }) => attempts.has(attemptId) && state === 'succeeded')
    .reduce((total, { minor }) => total + minor, 0);
}

function givenBack(
  house: House,
  payments: ReadonlyArray<{ readonly gateway_payment_id: string | null }>,
): number {
  const own = new Set(payments.map(({ gateway_payment_id: id }) => id));
  return house.gateway
    .refunds()
    .filter(({ gatewayPaymentId }) => own.has(gatewayPaymentId))
    .reduce((total, { minor }) => total + minor, 0);
}

async function sums(person: Person): Promise<Map<string, number>> {
  const rows = await person.scope.db
    .from('postings')
    .select((eb) => ['account', eb.fn.sum<number>('amount_minor').as('minor')])
    .groupBy('account')
    .execute();
  return new Map(rows.map(({ account, minor }) => [account, Number(minor)]));
}

/** Plans that run whose instalments do not add up to what is open of their invoice. */
async function plansApart({ scope: { db } }: Person): Promise<unknown[]> {
  const plans = await db
    .from('payment_plans')
    .innerJoin(db.rows('invoices'), 'invoices.id', 'payment_plans.invoice_id')
    .innerJoin(db.rows('installments'), 'installments.plan_id', 'payment_plans.id')
    .select((eb) => [
      ...(['payment_plans.id', 'invoices.balance_minor'] as const),
      eb.fn.sum<number>('installments.balance_minor').as('planned'),
    ])
    .where('payment_plans.state', 'in', ['pending_signup', 'active'])
    .groupBy(['payment_plans.id', 'invoices.balance_minor'])
    .execute();
  return plans.filter(({ balance_minor: open, planned }) => open !== Number(planned));
}
