import { schema, type TableName } from '#db/schema.ts';

/* Books as somebody could keep them by hand: rows written one by one, with nothing of the portal's own code in between. */

export type Row = Readonly<Record<string, string | number | null>>;

/** An insert that both engines read. Columns that must have a value and are not given get one that nothing is read from. */
export function insertion(table: TableName, row: Row): string {
  const columns: Record<string, { type: 'int' | 'text'; optional: boolean }> = schema[table];
  const filled: Record<string, string | number | null> = {};
  for (const [name, { type, optional }] of Object.entries(columns))
    if (!optional) filled[name] = type === 'int' ? 0 : `${table} ${row['id'] ?? ''} ${name}`;
  const values = { ...filled, ...row };
  return `insert into ${table} (${Object.keys(values).join(', ')}) values (${Object.values(values).map(literal).join(', ')})`;
}

function literal(value: string | number | null): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}

/**
 * The same business for two tenants, under the same ids; every amount of the second is three times that of the first. Whatever is read across
 * tenants, or without one of its conditions, comes to another sum.
 */
export function handKeptBooks(): string[] {
  return [...booksOf(1, 1), ...booksOf(2, 3)];
}

function booksOf(tenant: number, times: number): string[] {
  const statements: string[] = [];
  const last: Partial<Record<TableName, number>> = {};
  const add = (table: TableName, row: Row, money: Readonly<Record<string, number>> = {}): void => {
    const amounts = Object.fromEntries(Object.entries(money).map(([name, minor]) => [name, minor * times]));
    statements.push(insertion(table, { tenant_id: tenant, ...row, ...amounts }));
  };
  const addNext = (table: TableName, row: Row, money: Readonly<Record<string, number>> = {}): number => {
    const id = (last[table] = (last[table] ?? 0) + 1);
    add(table, { id, ...row }, money);
    return id;
  };
  writeBooks({ add, addNext });
  return statements;
}

interface Pen {
  add(table: TableName, row: Row, money?: Readonly<Record<string, number>>): void;
  /** Under the table's next id, which it answers. */
  addNext(table: TableName, row: Row, money?: Readonly<Record<string, number>>): number;
}

const EUR = { customer_id: 1, currency: 'EUR' };
const OTHER = { customer_id: 2, currency: 'EUR' };
const PAID = { balance_minor: 0 };
const DOLLARS = { customer_id: 1, currency: 'USD' };
type Owner = { readonly customer_id: number; readonly currency: string };
/** Columns of amounts, in minor units. */
type Amounts = Readonly<Record<string, number>>;
type Document = 'invoice' | 'credit_note' | 'estimate';

function writeBooks(pen: Pen): void {
  for (const id of [1, 2])
    pen.add('customers', { id, type: 'company', number: `C-${id}`, client_id: `c${id}`, currency: 'EUR' });
  writeInvoices(pen);
  writeCredit(pen);
  writePlans(pen);
  writeAttempts(pen);
  writeReturns(pen);
  writeDeposits(pen);
}

/** A document of one line, in the ledger unless it is a draft. */
function issue(
  pen: Pen,
  kind: Document,
  id: number,
  total: number,
  owner: Owner,
  money: Amounts = {},
  row: Row = {},
): void {
  const number = `${{ invoice: 'INV', credit_note: 'CN', estimate: 'EST' }[kind]}-${id}`;
  const state = row['state'] ?? 'issued';
  const amounts = {
    total_minor: total,
    subtotal_minor: total,
    ...(kind === 'estimate' ? {} : { balance_minor: state === 'voided' ? 0 : total }),
    ...money,
  };
  pen.add(`${kind}s`, { id, client_id: number, number, state, ...owner, ...row }, amounts);
  if (amounts.subtotal_minor === total) addLine(pen, kind, id, owner, total);
  if (state === 'draft' || kind === 'estimate') return;
  const [account, sign] = kind === 'invoice' ? (['receivable', 1] as const) : (['credit_note', -1] as const);
  enter(pen, kind, owner, { [`${kind}_id`]: id }, [
    [account, sign * total, id],
    ['sales', -sign * total],
  ]);
}

function addLine(pen: Pen, kind: Document, id: number, { customer_id }: Owner, minor: number): number {
  return pen.addNext('lines', { customer_id, [`${kind}_id`]: id, position: 1 }, { amount_minor: minor });
}

/** An entry of the journal; the documents that a posting is about are those of its account. */
function enter(
  pen: Pen,
  kind: string,
  owner: Owner,
  about: Row,
  postings: ReadonlyArray<readonly [account: string, minor: number, documentId?: number | undefined]>,
): void {
  const journal = pen.addNext('journal', { kind, ...owner, ...about });
  for (const [i, [account, minor, documentId]] of postings.entries()) {
    const document =
      documentId === undefined
        ? {}
        : { [account === 'receivable' ? 'invoice_id' : 'credit_note_id']: documentId };
    pen.add(
      'postings',
      { journal_id: journal, position: i + 1, account, ...owner, ...document },
      { amount_minor: minor },
    );
  }
}

/** A payment with what it is for, in the ledger; of estimates and of credit the money stays on the balance. */
function pay(
  pen: Pen,
  id: number,
  owner: Owner,
  parts: ReadonlyArray<readonly [kind: string, minor: number, documentId?: number]>,
  row: Row = {},
  money: Amounts = {},
): void {
  const fee = parts.filter(([kind]) => kind === 'convenience_fee').reduce((sum, [, minor]) => sum + minor, 0);
  const all = parts.reduce((sum, [, minor]) => sum + minor, 0);
  pen.add(
    'payments',
    {
      id,
      client_id: `p${id}`,
      number: `R-${id}`,
      method: 'other',
      state: 'succeeded',
      source: 'operator',
      ...owner,
      ...row,
    },
    { amount_minor: all - fee, fee_minor: fee, ...money },
  );
  const voided = row['state'] === 'voided' ? { voided_at: 1 } : {};
  for (const [kind, minor, documentId] of parts)
    pen.addNext(
      'payment_applications',
      { payment_id: id, kind, ...owner, ...(documentId ? { [`${kind}_id`]: documentId } : {}), ...voided },
      { amount_minor: minor },
    );
  const credits = parts.map(([kind, minor, documentId]) =>
    kind === 'invoice'
      ? (['receivable', -minor, documentId] as const)
      : ([kind === 'convenience_fee' ? 'fees' : 'credit_balance', -minor] as const),
  );
  enter(pen, 'payment', owner, { payment_id: id }, [['cash', all], ...credits]);
  if (row['state'] !== 'voided') return;
  const back = credits.map(([account, minor, documentId]) => [account, -minor, documentId] as const);
  enter(pen, 'payment_void', owner, { payment_id: id }, [['cash', -all], ...back]);
}

/** Credit that pays an invoice, from the balance or from a credit note. */
function useCredit(pen: Pen, owner: Owner, invoice: number, minor: number, note?: number): void {
  const kind = note === undefined ? 'applied_credit' : 'credit_note';
  pen.addNext(
    'payment_applications',
    { kind, invoice_id: invoice, ...owner, ...(note === undefined ? {} : { credit_note_id: note }) },
    { amount_minor: minor },
  );
  enter(pen, 'credit_applied', owner, {}, [
    note === undefined ? ['credit_balance', minor] : ['credit_note', minor, note],
    ['receivable', -minor, invoice],
  ]);
}

/** INV-1, CN-1 and EST-1 have everything that a total is made of. INV-2 and CN-2 were voided, INV-3 and CN-3 are drafts. */
function writeInvoices(pen: Pen): void {
  const parts = {
    subtotal_minor: 1000,
    discount_minor: 100,
    charge_minor: 50,
    tax_minor: 180,
    rounding_minor: 5,
  };
  for (const [kind, money, row] of [
    ['invoice', { balance_minor: 635, pending_minor: 200 }, {}],
    ['credit_note', { balance_minor: 985 }, {}],
    ['estimate', { deposit_paid_minor: 150 }, { closed: 1 }],
  ] as const) {
    const column = `${kind}_id`;
    const id = 1;
    issue(pen, kind, id, 1135, EUR, { ...parts, ...money }, row);
    addLine(pen, kind, id, EUR, 600);
    const line_id = addLine(pen, kind, id, EUR, 400);
    const rates = [
      ['discount', 100, null],
      ['charge', 30, null],
      ['shipping', 20, null],
      ['tax', 180, null],
      ['tax', 44, line_id],
    ] as const;
    for (const [of, minor, line] of rates)
      pen.addNext(
        'applied_rates',
        { customer_id: 1, [column]: id, kind: of, line_id: line },
        { amount_minor: minor },
      );
  }
  issue(pen, 'invoice', 2, 300, EUR, {}, { state: 'voided' });
  enter(pen, 'invoice_void', EUR, { invoice_id: 2 }, [
    ['receivable', -300, 2],
    ['sales', 300],
  ]);
  issue(pen, 'credit_note', 2, 80, EUR, {}, { state: 'voided' });
  enter(pen, 'credit_note_void', EUR, { credit_note_id: 2 }, [
    ['credit_note', 80, 2],
    ['sales', -80],
  ]);
  issue(pen, 'invoice', 3, 400, EUR, {}, { state: 'draft' });
  issue(pen, 'credit_note', 3, 70, EUR, {}, { state: 'draft' });
  const voided = [
    ['invoice', 90, 2],
    ['convenience_fee', 4],
  ] as const;
  pay(pen, 2, EUR, voided, { state: 'voided' });
}

/** INV-4 was paid by credit alone. */
function writeCredit(pen: Pen): void {
  for (const [minor, owner] of [
    [1000, EUR],
    [-50, EUR],
    [2, DOLLARS],
  ] as const) {
    pen.addNext('credit_adjustments', { ...owner, date: '2026-11-01' }, { amount_minor: minor });
    enter(pen, 'credit_adjustment', owner, {}, [
      ['credit_balance', -minor],
      ['adjustments', minor],
    ]);
  }
  issue(pen, 'invoice', 4, 250, EUR, PAID);
  useCredit(pen, EUR, 4, 100);
  useCredit(pen, EUR, 4, 150, 1);
}

/** INV-5 is paid by a plan of which the first instalment was paid; an earlier plan was cancelled, and that of INV-14 has run out. */
function writePlans(pen: Pen): void {
  issue(pen, 'invoice', 5, 900, EUR, { balance_minor: 600 }, { estimate_id: 2 });
  pay(pen, 3, EUR, [['invoice', 300, 5]]);
  issue(pen, 'invoice', 14, 60, EUR, PAID);
  pay(pen, 15, EUR, [['invoice', 60, 14]]);
  const plans = [
    [5, 'canceled', [[900, 900]]],
    [5, 'active', [300, 300, 300].map((minor, i) => [minor, i === 0 ? 0 : minor])],
    [14, 'finished', [[60, 0]]],
  ] as const;
  for (const [invoice_id, state, installments] of plans) {
    const total = installments.reduce((sum, [minor = 0]) => sum + minor, 0);
    const plan_id = pen.addNext('payment_plans', { invoice_id, state, ...EUR }, { total_minor: total });
    for (const [i, [minor = 0, left = 0]] of installments.entries())
      pen.addNext(
        'installments',
        { customer_id: 1, plan_id, position: i + 1, date: `2026-12-0${i + 1}` },
        { amount_minor: minor, balance_minor: left },
      );
  }
}

type Allocation = readonly [kind: 'invoice' | 'estimate', documentId: number, minor: number];

function attempt(
  pen: Pen,
  id: string,
  state: string,
  allocations: readonly Allocation[],
  row: Row = {},
): void {
  const isOpen = !['succeeded', 'declined', 'abandoned', 'parked'].includes(state);
  pen.add(
    'payment_attempts',
    { id, nonce: id, state, source: 'portal', ...EUR, ...row },
    { amount_minor: allocations.reduce((sum, [, , minor]) => sum + minor, 0) },
  );
  for (const [i, [kind, documentId, minor]] of allocations.entries())
    pen.add(
      'attempt_allocations',
      {
        attempt_id: id,
        position: i + 1,
        customer_id: 1,
        [`${kind}_id`]: documentId,
        is_open: isOpen ? 1 : 0,
      },
      { amount_minor: minor },
    );
}

/** 200 are on their way to INV-1; to INV-10 more than is open of it. AutoPay collected INV-8, and INV-9 with a deposit. */
function writeAttempts(pen: Pen): void {
  attempt(pen, 'a1', 'succeeded', [['invoice', 1, 500]], { payment_id: 1 });
  pay(
    pen,
    1,
    EUR,
    [
      ['invoice', 500, 1],
      ['convenience_fee', 10],
    ],
    { attempt_id: 'a1' },
    { refunded_minor: 60 },
  );
  attempt(pen, 'a2', 'processing', [['invoice', 1, 200]]);
  // One attempt at a time holds an invoice.
  for (const [i, state] of ['created', 'submitted', 'action_required'].entries())
    attempt(pen, `a-${state}`, state, [['invoice', 4 + i, 15]]);
  for (const state of ['declined', 'abandoned', 'parked'])
    attempt(pen, `a-${state}`, state, [['invoice', 1, 15]]);
  issue(pen, 'invoice', 8, 160, EUR, PAID);
  issue(pen, 'invoice', 9, 100, EUR, PAID);
  const collected: Allocation[] = [
    ['invoice', 8, 160],
    ['invoice', 9, 100],
    ['estimate', 1, 30],
  ];
  attempt(pen, 'a3', 'succeeded', collected, { payment_id: 11, source: 'autopay' });
  pay(
    pen,
    11,
    EUR,
    collected.map(([kind, id, minor]) => [kind, minor, id]),
    { attempt_id: 'a3' },
  );
  for (const [invoice_id, minor] of [
    [8, 160],
    [9, 100],
  ] as const)
    pen.add(
      'attempt_slots',
      { slot: `invoice ${invoice_id}`, customer_id: 1, attempt_id: 'a3', invoice_id },
      { amount_minor: minor },
    );
  issue(pen, 'invoice', 10, 100, EUR, { pending_minor: 100 });
  attempt(pen, 'a4', 'processing', [['invoice', 10, 150]]);
}

/** R-1 was refunded in part; R-5 is disputed, R-6 lost a dispute and R-7 won one; R-8 failed, R-10 is on its way. */
function writeReturns(pen: Pen): void {
  for (const [id, state, minor] of [
    [1, 'succeeded', 60],
    [2, 'failed', 490],
    [3, 'submitted', 30],
  ] as const)
    pen.add('refunds', { id, payment_id: 1, nonce: `refund ${id}`, state, ...EUR }, { amount_minor: minor });
  enter(pen, 'refund', EUR, { refund_id: 1, payment_id: 1 }, [
    ['cash', -60],
    ['adjustments', 60],
  ]);
  pay(pen, 5, EUR, [['credit', 500]], { disputed: 1 });
  issue(pen, 'invoice', 6, 150, EUR, PAID);
  pay(
    pen,
    6,
    EUR,
    [
      ['invoice', 150, 6],
      ['credit', 50],
    ],
    { disputed: 1 },
  );
  issue(pen, 'invoice', 7, 40, EUR, PAID);
  pay(pen, 7, EUR, [['invoice', 40, 7]]);
  dispute(pen, EUR, 5, 500, 'open');
  dispute(pen, EUR, 6, 200, 'lost', [
    ['bad_debt', 150],
    ['credit_balance', 50],
  ]);
  dispute(pen, EUR, 7, 40, 'won');
  for (const [id, state] of [
    [8, 'failed'],
    [10, 'pending'],
  ] as const)
    pen.add(
      'payments',
      {
        id,
        client_id: `p${id}`,
        number: `R-${id}`,
        method: 'other',
        state,
        source: 'operator',
        ...EUR,
      },
      { amount_minor: 77 },
    );
}

function dispute(
  pen: Pen,
  owner: Owner,
  payment_id: number,
  minor: number,
  state: 'open' | 'won' | 'lost',
  lost: ReadonlyArray<readonly [account: string, minor: number]> = [],
): void {
  pen.addNext(
    'disputes',
    { payment_id, gateway_dispute_id: `dispute of ${payment_id}`, state, ...owner },
    { amount_minor: minor },
  );
  enter(pen, 'dispute', owner, { payment_id }, [
    ['cash', -minor],
    ['disputed', minor],
  ]);
  if (state === 'won')
    enter(pen, 'dispute_won', owner, { payment_id }, [
      ['cash', minor],
      ['disputed', -minor],
    ]);
  if (state === 'lost') enter(pen, 'write_off', owner, { payment_id }, [['disputed', -minor], ...lost]);
}

/**
 * EST-1 and EST-10 wait for their invoices, EST-2 became INV-5 and EST-3 was declined. The other customer has on the balance exactly what is left
 * of the deposit on EST-5: EST-6 lost a dispute, and the deposits of EST-7 (invoiced), EST-8 (declined) and EST-9 (voided) paid INV-12.
 */
function writeDeposits(pen: Pen): void {
  const deposits: ReadonlyArray<
    readonly [id: number, minor: number, owner: Owner, payment: number, row: Row]
  > = [
    [2, 70, EUR, 9, { closed: 1, invoice_id: 5 }],
    [3, 0, EUR, 0, { declined_at: 1 }],
    [5, 8, OTHER, 12, {}],
    [6, 20, OTHER, 13, {}],
    [7, 9, OTHER, 16, { closed: 1, invoice_id: 12 }],
    [8, 4, OTHER, 17, { declined_at: 1 }],
    [9, 6, OTHER, 18, { state: 'voided' }],
    [10, 10, DOLLARS, 14, {}],
  ];
  issue(pen, 'invoice', 12, 19, OTHER, PAID, { estimate_id: 7 });
  issue(pen, 'invoice', 13, 500, OTHER);
  for (const [id, minor, owner, payment, row] of deposits) {
    issue(pen, 'estimate', id, 1000, owner, { deposit_paid_minor: minor }, row);
    if (payment === 0) continue;
    pay(
      pen,
      payment,
      owner,
      [['estimate', minor, id]],
      { disputed: id === 6 ? 1 : 0 },
      { refunded_minor: id === 5 ? 3 : 0 },
    );
  }
  pay(pen, 19, OTHER, [['estimate', 5, 5]], { state: 'voided' });
  pay(pen, 4, EUR, [['estimate', 120, 1]]);
  for (const estimate_id of [1, 2]) pen.addNext('approvals', { customer_id: 1, estimate_id });
  pen.addNext('approvals', { customer_id: 2, estimate_id: 7 });
  pen.add(
    'refunds',
    { id: 4, payment_id: 12, nonce: 'refund 4', state: 'succeeded', ...OTHER },
    { amount_minor: 3 },
  );
  enter(pen, 'refund', OTHER, { refund_id: 4, payment_id: 12 }, [
    ['cash', -3],
    ['credit_balance', 3],
  ]);
  dispute(pen, OTHER, 13, 20, 'lost', [['credit_balance', 20]]);
  useCredit(pen, OTHER, 12, 9);
  useCredit(pen, OTHER, 12, 4);
  useCredit(pen, OTHER, 12, 6);
}
