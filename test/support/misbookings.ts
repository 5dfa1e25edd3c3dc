/** What is changed in the hand-kept books, and the rows of tenant 1 that a check must then tell, each by its second column. */
export type Misbooking = readonly [
  what: string,
  found: readonly (string | number)[],
  ...statements: string[],
];

const IN = (table: string, change: string, where: string): string =>
  `update ${table} set ${change} where tenant_id = 1 and ${where}`;
const OUT = (table: string, where: string): string => `delete from ${table} where tenant_id = 1 and ${where}`;
const ENTRIES = (where: string): string =>
  `journal_id in (select id from journal where tenant_id = 1 and ${where})`;
/** One minor unit more on an account of the entries. */
const MORE = (account: string, entries: string): string =>
  IN('postings', 'amount_minor = amount_minor + 1', `account = '${account}' and ${ENTRIES(entries)}`);
const ROW = (table: string, columns: string, values: string): string =>
  `insert into ${table} (tenant_id, ${columns}) values (1, ${values})`;

const ISSUED = { invoices: 'INV-1', credit_notes: 'CN-1', estimates: 'EST-1' };
const EACH_KIND = Object.entries(ISSUED);
const OF_KIND: Readonly<Record<string, string>> = {
  invoices: 'invoice_id',
  credit_notes: 'credit_note_id',
  estimates: 'estimate_id',
};
const PARTS = ['subtotal', 'discount', 'charge', 'tax', 'rounding', 'total'];

/** For every branch of every check a change that breaks it and nothing else that it looks at. */
export const MISBOOKINGS: Readonly<Record<string, readonly Misbooking[]>> = {
  journal_balances: [
    [
      'an entry that adds up to one',
      [1],
      IN('postings', 'amount_minor = amount_minor + 1', `journal_id = 1 and account = 'sales'`),
    ],
    ['an entry without postings', [1], OUT('postings', 'journal_id = 1')],
    [
      'an entry of a single posting',
      [999],
      ROW(
        'journal',
        'id, customer_id, currency, date, kind, actor, at',
        `999, 1, 'EUR', '2026-11-01', 'refund', 'x', 1`,
      ),
      ROW(
        'postings',
        'journal_id, position, customer_id, account, currency, amount_minor',
        `999, 1, 1, 'cash', 'EUR', 1`,
      ),
    ],
  ],
  invoice_balances: [
    [
      'a balance above the ledger',
      ['INV-13'],
      IN('invoices', 'balance_minor = balance_minor + 1', `number = 'INV-13'`),
    ],
    [
      'a balance below the ledger',
      ['INV-13'],
      IN('invoices', 'balance_minor = balance_minor - 1', `number = 'INV-13'`),
    ],
    ['a balance of a voided invoice', ['INV-2'], IN('invoices', 'balance_minor = 1', `number = 'INV-2'`)],
    [
      'an invoice that is not in the ledger',
      ['INV-3'],
      IN('invoices', `state = 'issued'`, `number = 'INV-3'`),
    ],
  ],
  credit_note_balances: [
    [
      'a balance above the ledger',
      ['CN-1'],
      IN('credit_notes', 'balance_minor = balance_minor + 1', `number = 'CN-1'`),
    ],
    [
      'a balance below the ledger',
      ['CN-1'],
      IN('credit_notes', 'balance_minor = balance_minor - 1', `number = 'CN-1'`),
    ],
    [
      'a balance of a voided credit note',
      ['CN-2'],
      IN('credit_notes', 'balance_minor = 1', `number = 'CN-2'`),
    ],
    [
      'a credit note that is not in the ledger',
      ['CN-3'],
      IN('credit_notes', `state = 'issued'`, `number = 'CN-3'`),
    ],
  ],
  balances_within_totals: [
    [
      'more open than the total',
      ['INV-13'],
      IN('invoices', 'balance_minor = total_minor + 1', `number = 'INV-13'`),
    ],
    [
      'more on its way than is open',
      ['INV-13'],
      IN('invoices', 'pending_minor = balance_minor + 1', `number = 'INV-13'`),
    ],
    [
      'more left of a credit note than its total',
      ['CN-1'],
      IN('credit_notes', 'balance_minor = total_minor + 1', `number = 'CN-1'`),
    ],
  ],
  document_totals: EACH_KIND.flatMap(([table, number]) =>
    PARTS.map((part): Misbooking => [
      `another ${part} in ${table}`,
      [number],
      IN(table, `${part}_minor = ${part}_minor + 1`, `number = '${number}'`),
    ]),
  ),
  document_lines: EACH_KIND.flatMap(([table, number]): Misbooking[] => [
    [
      `another amount of a line of ${table}`,
      [number],
      IN('lines', 'amount_minor = amount_minor + 1', `${OF_KIND[table]} = 1 and amount_minor = 400`),
    ],
    [`no lines of ${table}`, [number], OUT('lines', `${OF_KIND[table]} = 1`)],
    [
      `another subtotal of ${table}`,
      [number],
      IN(table, 'subtotal_minor = subtotal_minor - 1', `number = '${number}'`),
    ],
  ]),
  document_rates: EACH_KIND.flatMap(([table, number]): Misbooking[] => [
    ...['discount', 'charge', 'shipping', 'tax'].map((kind): Misbooking => [
      `another ${kind} of ${table}`,
      [number],
      IN(
        'applied_rates',
        'amount_minor = amount_minor + 1',
        `${OF_KIND[table]} = 1 and kind = '${kind}' and line_id is null`,
      ),
    ]),
    [
      `no taxes of ${table}`,
      [number],
      OUT('applied_rates', `${OF_KIND[table]} = 1 and kind = 'tax' and line_id is null`),
    ],
    [
      `a tax of a line that counts for all of ${table}`,
      [number],
      IN('applied_rates', 'line_id = null', `${OF_KIND[table]} = 1 and line_id is not null`),
    ],
  ]),
  payments_applied: [
    ['a part that is not applied', ['R-3'], OUT('payment_applications', 'payment_id = 3')],
    ['a part that was taken back', ['R-3'], IN('payment_applications', 'voided_at = 1', 'payment_id = 3')],
    [
      'a fee that nothing is for',
      ['R-1'],
      OUT('payment_applications', `payment_id = 1 and kind = 'convenience_fee'`),
    ],
    [
      'a voided payment that still pays',
      ['R-2'],
      IN('payment_applications', 'voided_at = null', 'payment_id = 2'),
    ],
  ],
  payments_in_ledger: [
    ['another amount received', ['R-1'], MORE('cash', `kind = 'payment' and payment_id = 1`)],
    ['a payment that is not in the ledger', ['R-1'], OUT('journal', `kind = 'payment' and payment_id = 1`)],
    [
      'a payment that the ledger has in the place of another',
      ['R-1', 'R-3'],
      IN('journal', 'payment_id = 1', `kind = 'payment' and payment_id = 3`),
    ],
    [
      'another amount of a voided payment received',
      ['R-2'],
      MORE('cash', `kind = 'payment' and payment_id = 2`),
    ],
    ['another amount of it given back', ['R-2'], MORE('cash', `kind = 'payment_void' and payment_id = 2`)],
    ['a payment given back that was not voided', ['R-2'], IN('payments', `state = 'succeeded'`, 'id = 2')],
    ['a voided payment that was not given back', ['R-3'], IN('payments', `state = 'voided'`, 'id = 3')],
  ],
  attempts_paid_once: [
    [
      'an attempt that succeeded without a payment',
      ['a1'],
      IN('payment_attempts', 'payment_id = null', `id = 'a1'`),
    ],
    ['a payment of another amount', ['a1'], IN('payments', 'amount_minor = amount_minor + 1', 'id = 1')],
    ['a payment in another currency', ['a1'], IN('payments', `currency = 'USD'`, 'id = 1')],
    [
      'a payment that is not the attempt’s own',
      ['a1'],
      IN('payment_attempts', 'payment_id = 3', `id = 'a1'`),
    ],
    [
      'a payment of an attempt that was declined, told of both',
      ['a1', 'a1'],
      IN('payment_attempts', `state = 'declined'`, `id = 'a1'`),
    ],
    ['a payment of an attempt that waits', ['a2'], IN('payments', `attempt_id = 'a2'`, 'id = 3')],
    [
      'a payment of an attempt that there is not',
      ['nobody'],
      IN('payments', `attempt_id = 'nobody'`, 'id = 3'),
    ],
  ],
  allocations_add_up: [
    [
      'an attempt of more than it asks for',
      ['a2'],
      IN('payment_attempts', 'amount_minor = amount_minor + 1', `id = 'a2'`),
    ],
    ['an attempt that asks nothing', ['a2'], OUT('attempt_allocations', `attempt_id = 'a2'`)],
  ],
  slots_add_up: [
    [
      'more collected of a slot than is asked',
      ['a3'],
      IN('attempt_slots', 'amount_minor = amount_minor + 1', `slot = 'invoice 8'`),
    ],
    ['a slot that is gone', ['a3'], OUT('attempt_slots', `slot = 'invoice 8'`)],
    ['slots of an attempt that asks nothing', ['a3'], OUT('attempt_allocations', `attempt_id = 'a3'`)],
  ],
  allocations_open: [
    ...['a-created', 'a-submitted', 'a-action_required', 'a2'].map((id): Misbooking => [
      `${id} lets its invoice go`,
      [id],
      IN('attempt_allocations', 'is_open = 0', `attempt_id = '${id}'`),
    ]),
    ...['a-declined', 'a-abandoned', 'a-parked', 'a1'].map((id): Misbooking => [
      `${id} holds its invoice`,
      [id],
      IN('attempt_allocations', 'is_open = 0', `attempt_id = 'a2'`),
      IN('payment_attempts', `state = 'parked'`, `id = 'a2'`),
      IN('attempt_allocations', 'is_open = 1', `attempt_id = '${id}'`),
    ]),
  ],
  pending_amounts: [
    [
      'more on its way than is asked',
      ['INV-1'],
      IN('invoices', 'pending_minor = pending_minor + 1', `number = 'INV-1'`),
    ],
    [
      'nothing on its way of what is asked',
      ['INV-1'],
      IN('invoices', 'pending_minor = 0', `number = 'INV-1'`),
    ],
    [
      'what is asked and more than open',
      ['INV-10'],
      IN('invoices', 'pending_minor = 150', `number = 'INV-10'`),
    ],
    [
      'an amount that waits for the payer',
      ['INV-1'],
      IN('payment_attempts', `state = 'action_required'`, `id = 'a2'`),
    ],
    ['an amount that nobody asks for', ['INV-13'], IN('invoices', 'pending_minor = 1', `number = 'INV-13'`)],
  ],
  refunds_within_payments: [
    ['a refund that the payment does not know', ['R-1'], IN('payments', 'refunded_minor = 0', 'id = 1')],
    ['a refund that there is not', ['R-3'], IN('payments', 'refunded_minor = 1', 'id = 3')],
    ['a refund that failed and counts', ['R-1'], IN('payments', 'refunded_minor = 510', 'id = 1')],
    ['one on its way for more than is left', ['R-1'], IN('refunds', 'amount_minor = 451', 'id = 3')],
  ],
  refunds_in_ledger: [
    ['another amount given back', [1], MORE('cash', 'refund_id = 1')],
    ['a refund that failed, and the ledger gave back', [1], IN('refunds', `state = 'failed'`, 'id = 1')],
    ['a refund that the ledger does not have', [2], IN('refunds', `state = 'succeeded'`, 'id = 2')],
    ['a refund of another payment', [1], IN('journal', 'payment_id = 3', 'refund_id = 1')],
    ['an entry of another kind', [1], IN('journal', `kind = 'payment_void'`, 'refund_id = 1')],
    [
      'an entry of no refund',
      [999],
      ROW(
        'journal',
        'id, customer_id, currency, date, kind, actor, at',
        `999, 1, 'EUR', '2026-11-01', 'refund', 'x', 1`,
      ),
    ],
  ],
  disputes_in_ledger: [
    [
      'held by the bank, and not in the ledger',
      ['R-3'],
      ROW(
        'disputes',
        'id, customer_id, payment_id, gateway_dispute_id, currency, amount_minor, state, opened_at',
        `9, 1, 3, 'nobody', 'EUR', 1, 'open', 1`,
      ),
      IN('payments', 'disputed = 1', 'id = 3'),
    ],
    ['another amount held in the ledger', ['R-5'], MORE('disputed', `kind = 'dispute' and payment_id = 5`)],
    ['another amount lost', ['R-6'], MORE('bad_debt', `kind = 'write_off' and payment_id = 6`)],
    [
      'another amount of credit lost',
      ['R-6'],
      MORE('credit_balance', `kind = 'write_off' and payment_id = 6`),
    ],
    ['another amount that is gone', ['R-6'], MORE('cash', `kind = 'dispute' and payment_id = 6`)],
    ['lost, and the ledger says held', ['R-5'], IN('disputes', `state = 'lost'`, 'payment_id = 5')],
    ['open, and the ledger says lost', ['R-6'], IN('disputes', `state = 'open'`, 'payment_id = 6')],
    [
      'won, and the ledger still holds it',
      ['R-5'],
      IN('disputes', `state = 'won'`, 'payment_id = 5'),
      IN('payments', 'disputed = 0', 'id = 5'),
    ],
    ['open, and the payment is not marked', ['R-5'], IN('payments', 'disputed = 0', 'id = 5')],
    ['lost, and the payment is not marked', ['R-6'], IN('payments', 'disputed = 0', 'id = 6')],
    ['won, and the payment is marked', ['R-7'], IN('payments', 'disputed = 1', 'id = 7')],
  ],
  invoices_paid_by: [
    [
      'more open than was not paid',
      ['INV-1'],
      IN('invoices', 'balance_minor = balance_minor + 1', `number = 'INV-1'`),
    ],
    ['paid by what was taken back', ['INV-8'], IN('payment_applications', 'voided_at = 1', 'invoice_id = 8')],
    ['paid by nothing', ['INV-8'], OUT('payment_applications', 'invoice_id = 8')],
  ],
  voided_documents: [
    ['voided, and not in the ledger', ['INV-13'], IN('invoices', `state = 'voided'`, `number = 'INV-13'`)],
    ['another amount taken back', ['INV-2'], MORE('receivable', `kind = 'invoice_void'`)],
    ['taken back, and not voided', ['INV-2'], IN('invoices', `state = 'issued'`, `number = 'INV-2'`)],
    [
      'voided, and something pays it',
      ['INV-2'],
      IN('payment_applications', 'voided_at = null', 'invoice_id = 2'),
    ],
    [
      'a credit note voided, and not in the ledger',
      ['CN-1'],
      IN('credit_notes', `state = 'voided'`, `number = 'CN-1'`),
    ],
    ['another amount of it taken back', ['CN-2'], MORE('credit_note', `kind = 'credit_note_void'`)],
    ['it taken back, and not voided', ['CN-2'], IN('credit_notes', `state = 'issued'`, `number = 'CN-2'`)],
  ],
  documents_in_ledger: [
    ['another total', ['INV-13'], MORE('receivable', `kind = 'invoice' and invoice_id = 13`)],
    ['an invoice without its entry', ['INV-13'], OUT('journal', `kind = 'invoice' and invoice_id = 13`)],
    [
      'a draft that was issued past the ledger',
      ['INV-3'],
      IN('invoices', `state = 'issued'`, `number = 'INV-3'`),
    ],
    [
      'an entry of another kind',
      ['INV-13'],
      IN('journal', `kind = 'invoice_void'`, `kind = 'invoice' and invoice_id = 13`),
    ],
    [
      'another total of a credit note',
      ['CN-1'],
      MORE('credit_note', `kind = 'credit_note' and credit_note_id = 1`),
    ],
    [
      'a credit note without its entry',
      ['CN-1'],
      OUT('journal', `kind = 'credit_note' and credit_note_id = 1`),
    ],
    [
      'a draft of one that was issued past the ledger',
      ['CN-3'],
      IN('credit_notes', `state = 'issued'`, `number = 'CN-3'`),
    ],
    [
      'its entry of another kind',
      ['CN-1'],
      IN('journal', `kind = 'credit_note_void'`, `kind = 'credit_note' and credit_note_id = 1`),
    ],
  ],
  credit_not_negative: [
    [
      'one taken that was not there',
      [2],
      ROW(
        'postings',
        'journal_id, position, customer_id, account, currency, amount_minor',
        `1, 77, 2, 'credit_balance', 'EUR', 6`,
      ),
    ],
    [
      'one in a currency in which there is none, whatever there is in others',
      [1],
      ROW(
        'postings',
        'journal_id, position, customer_id, account, currency, amount_minor',
        `1, 77, 1, 'credit_balance', 'GBP', 1`,
      ),
    ],
  ],
  deposits_in_balance: [
    [
      'a balance of one less than the deposits',
      [2],
      MORE('credit_balance', `kind = 'payment' and payment_id = 12`),
    ],
    [
      'a declined estimate whose deposit was used is answered anew',
      [2],
      IN('estimates', 'declined_at = null', 'id = 8'),
    ],
    ['a voided one is issued again', [2], IN('estimates', `state = 'issued'`, 'id = 9')],
    ['an invoiced one has lost its invoice', [2], IN('estimates', 'invoice_id = null', 'id = 7')],
    [
      'a deposit that was taken back counts',
      [2],
      IN('payment_applications', 'voided_at = null', 'payment_id = 19'),
    ],
    ['a dispute over a deposit was not lost', [2], IN('disputes', `state = 'open'`, 'payment_id = 13')],
    ['a refund of a deposit is forgotten', [2], IN('payments', 'refunded_minor = 2', 'id = 12')],
    [
      'dollars where the balance is in another currency',
      [1],
      IN('postings', `currency = 'EUR'`, `currency = 'USD' and account = 'credit_balance'`),
    ],
  ],
  applied_credit_in_ledger: [
    [
      'less credit applied than the ledger has',
      ['INV-12'],
      IN(
        'payment_applications',
        'voided_at = 1',
        `kind = 'applied_credit' and invoice_id = 12 and amount_minor = 4`,
      ),
    ],
    [
      'more of it',
      ['INV-12'],
      IN(
        'payment_applications',
        'amount_minor = amount_minor + 1',
        `kind = 'applied_credit' and invoice_id = 12 and amount_minor = 4`,
      ),
    ],
    [
      'credit that the ledger does not have',
      ['INV-12'],
      IN(
        'journal',
        `kind = 'refund'`,
        `kind = 'credit_applied' and id in (select journal_id from postings where tenant_id = 1 and invoice_id = 12 and amount_minor = -4)`,
      ),
    ],
    [
      'a credit note applied that is not',
      ['INV-4', 'CN-1'],
      IN('payment_applications', 'voided_at = 1', `kind = 'credit_note'`),
    ],
    [
      'more of a credit note',
      ['INV-4', 'CN-1'],
      IN('payment_applications', 'amount_minor = amount_minor + 1', `kind = 'credit_note'`),
    ],
    [
      'another credit note',
      ['CN-1', 'CN-2'],
      IN('payment_applications', 'credit_note_id = 2', `kind = 'credit_note'`),
    ],
    [
      'its use under another kind',
      ['CN-1'],
      IN('payment_applications', `kind = 'applied_credit'`, `kind = 'credit_note'`),
    ],
  ],
  credit_adjustments_in_ledger: [
    [
      'more added than the ledger has',
      [1],
      IN('credit_adjustments', 'amount_minor = amount_minor + 1', 'amount_minor = 1000'),
    ],
    ['another customer', [1, 2], IN('credit_adjustments', 'customer_id = 2', 'amount_minor = 1000')],
    ['another currency', [1, 1], IN('credit_adjustments', `currency = 'USD'`, 'amount_minor = 1000')],
    ['an entry of none', [1], OUT('credit_adjustments', 'amount_minor = 1000')],
    [
      'one without an entry',
      [1],
      IN('journal', `kind = 'refund'`, `kind = 'credit_adjustment' and currency = 'USD'`),
    ],
  ],
  deposits_applied: [
    [
      'more paid than payments say',
      ['EST-1'],
      IN('estimates', 'deposit_paid_minor = deposit_paid_minor + 1', `number = 'EST-1'`),
    ],
    ['a deposit that nothing paid', ['EST-3'], IN('estimates', 'deposit_paid_minor = 1', `number = 'EST-3'`)],
    [
      'one that was taken back counts',
      ['EST-5'],
      IN('payment_applications', 'voided_at = null', 'payment_id = 19'),
    ],
    ['one under another kind', ['EST-2'], IN('payment_applications', `kind = 'credit'`, 'payment_id = 9')],
  ],
  estimates_answered_once: [
    ['approved and not closed', ['EST-1'], IN('estimates', 'closed = 0', `number = 'EST-1'`)],
    ['approved and declined', ['EST-1'], IN('estimates', 'declined_at = 1', `number = 'EST-1'`)],
    [
      'invoiced with an invoice that there is not',
      ['EST-2'],
      IN('estimates', 'invoice_id = 999', `number = 'EST-2'`),
    ],
    [
      'invoiced with one that names another estimate',
      ['EST-2'],
      IN('invoices', 'estimate_id = 1', `number = 'INV-5'`),
    ],
    [
      'invoiced with one that names none',
      ['EST-2'],
      IN('invoices', 'estimate_id = null', `number = 'INV-5'`),
    ],
  ],
  installments_add_up: [
    [
      'a plan of more than its instalments',
      [2],
      IN('payment_plans', 'total_minor = total_minor + 1', 'id = 2'),
    ],
    ['a plan without any', [1], OUT('installments', 'plan_id = 1')],
    [
      'more open of one than it is',
      [2],
      IN('installments', 'balance_minor = amount_minor + 1', 'plan_id = 2 and position = 2'),
    ],
  ],
  plans_match_invoices: [
    [
      'an instalment with more open',
      ['INV-5'],
      IN('installments', 'balance_minor = 1', 'plan_id = 2 and position = 1'),
    ],
    ['an invoice with more open', ['INV-5'], IN('invoices', 'balance_minor = 601', `number = 'INV-5'`)],
    [
      'the same of a plan that waits for its method',
      ['INV-5'],
      IN('payment_plans', `state = 'pending_signup'`, 'id = 2'),
      IN('installments', 'balance_minor = 1', 'plan_id = 2 and position = 1'),
    ],
    [
      'a plan that was cancelled runs',
      ['INV-5'],
      IN('payment_plans', `state = 'canceled'`, 'id = 2'),
      IN('payment_plans', `state = 'active'`, 'id = 1'),
    ],
    ['a plan without instalments', ['INV-5'], OUT('installments', 'plan_id = 2')],
  ],
};

/** What an operator reads of some of them: the amounts on both sides. */
export const TOLD: ReadonlyArray<readonly [check: string, what: string, row: string]> = [
  ['journal_balances', 'an entry that adds up to one', 'entry 1, sum 1, postings 2'],
  ['journal_balances', 'an entry of a single posting', 'entry 999, sum 1, postings 1'],
  ['invoice_balances', 'a balance above the ledger', 'invoice INV-13, balance 501, ledger 500'],
  ['invoice_balances', 'an invoice that is not in the ledger', 'invoice INV-3, balance 400, ledger 0'],
  ['credit_note_balances', 'a balance above the ledger', 'credit_note CN-1, balance 986, ledger 985'],
  [
    'credit_note_balances',
    'a credit note that is not in the ledger',
    'credit_note CN-3, balance 70, ledger 0',
  ],
  [
    'balances_within_totals',
    'more open than the total',
    'document INV-13, total 500, balance 501, pending 0',
  ],
  [
    'balances_within_totals',
    'more left of a credit note than its total',
    'document CN-1, total 1135, balance 1136, pending 0',
  ],
  ['document_totals', 'another subtotal in invoices', 'document INV-1, total 1135, computed 1136'],
  ['document_totals', 'another total in estimates', 'document EST-1, total 1136, computed 1135'],
  ['document_lines', 'another amount of a line of invoices', 'document INV-1, subtotal 1000, lines 1001'],
  ['document_lines', 'another subtotal of estimates', 'document EST-1, subtotal 999, lines 1000'],
  ['document_rates', 'another discount of invoices', 'document INV-1, discount 100, charge 50, tax 180'],
  [
    'document_rates',
    'a tax of a line that counts for all of estimates',
    'document EST-1, discount 100, charge 50, tax 180',
  ],
  ['payments_applied', 'a part that is not applied', 'payment R-3, amount 300, applied 0'],
  ['payments_applied', 'a voided payment that still pays', 'payment R-2, amount 94, applied 94'],
  [
    'payments_in_ledger',
    'another amount received',
    'payment R-1, state succeeded, amount 510, received 511, voided 0',
  ],
  [
    'payments_in_ledger',
    'a voided payment that was not given back',
    'payment R-3, state voided, amount 300, received 300, voided 0',
  ],
  [
    'attempts_paid_once',
    'an attempt that succeeded without a payment',
    'attempt a1, state succeeded, amount 500, payments 0',
  ],
  [
    'attempts_paid_once',
    'a payment of an attempt that there is not',
    'attempt nobody, state paid, amount 300, payments 1',
  ],
  ['allocations_add_up', 'an attempt of more than it asks for', 'attempt a2, amount 201, allocated 200'],
  ['allocations_add_up', 'an attempt that asks nothing', 'attempt a2, amount 200, allocated 0'],
  ['slots_add_up', 'more collected of a slot than is asked', 'attempt a3, collected 261, allocated 260'],
  ['slots_add_up', 'slots of an attempt that asks nothing', 'attempt a3, collected 260, allocated 0'],
  ['allocations_open', 'a-created lets its invoice go', 'attempt a-created, state created, is_open 0'],
  ['allocations_open', 'a1 holds its invoice', 'attempt a1, state succeeded, is_open 1'],
  ['pending_amounts', 'more on its way than is asked', 'invoice INV-1, pending 201, held 200'],
  ['pending_amounts', 'an amount that nobody asks for', 'invoice INV-13, pending 1, held 0'],
  [
    'refunds_within_payments',
    'a refund that the payment does not know',
    'payment R-1, amount 510, refunded 0, refunds 60, with_those_on_their_way 90',
  ],
  [
    'refunds_within_payments',
    'one on its way for more than is left',
    'payment R-1, amount 510, refunded 60, refunds 60, with_those_on_their_way 511',
  ],
  ['refunds_in_ledger', 'another amount given back', 'refund 1, state succeeded, amount 60, ledger 59'],
  ['refunds_in_ledger', 'an entry of no refund', 'refund 999, state none, amount 0, ledger 0'],
  [
    'disputes_in_ledger',
    'held by the bank, and not in the ledger',
    'payment R-3, disputed 1, held 1, lost 0, held_in_ledger 0, lost_in_ledger 0, gone_in_ledger 0',
  ],
  [
    'disputes_in_ledger',
    'won, and the payment is marked',
    'payment R-7, disputed 1, held 0, lost 0, held_in_ledger 0, lost_in_ledger 0, gone_in_ledger 0',
  ],
  ['invoices_paid_by', 'more open than was not paid', 'invoice INV-1, paid 499, applied 500'],
  ['invoices_paid_by', 'paid by nothing', 'invoice INV-8, paid 160, applied 0'],
  [
    'voided_documents',
    'voided, and not in the ledger',
    'document INV-13, state voided, total 500, taken_back 0',
  ],
  [
    'voided_documents',
    'it taken back, and not voided',
    'document CN-2, state issued, total 80, taken_back 80',
  ],
  ['documents_in_ledger', 'another total', 'document INV-13, total 500, ledger 501'],
  ['documents_in_ledger', 'its entry of another kind', 'document CN-1, total 1135, ledger 0'],
  ['credit_not_negative', 'one taken that was not there', 'customer 2, currency EUR, balance -1'],
  [
    'credit_not_negative',
    'one in a currency in which there is none, whatever there is in others',
    'customer 1, currency GBP, balance -1',
  ],
  [
    'deposits_in_balance',
    'a balance of one less than the deposits',
    'customer 2, currency EUR, deposits 5, balance 4',
  ],
  [
    'deposits_in_balance',
    'dollars where the balance is in another currency',
    'customer 1, currency USD, deposits 10, balance 0',
  ],
  [
    'applied_credit_in_ledger',
    'less credit applied than the ledger has',
    'document INV-12, applied 15, ledger 19',
  ],
  ['applied_credit_in_ledger', 'its use under another kind', 'document CN-1, applied 0, ledger 150'],
  [
    'credit_adjustments_in_ledger',
    'more added than the ledger has',
    'customer 1, currency EUR, adjusted 951, ledger 950',
  ],
  ['credit_adjustments_in_ledger', 'one without an entry', 'customer 1, currency USD, adjusted 2, ledger 0'],
  ['deposits_applied', 'more paid than payments say', 'estimate EST-1, paid 151, applied 150'],
  ['deposits_applied', 'one under another kind', 'estimate EST-2, paid 70, applied 0'],
  ['estimates_answered_once', 'approved and not closed', 'estimate EST-1, closed 0, approvals 1'],
  ['estimates_answered_once', 'invoiced with one that names none', 'estimate EST-2, closed 1, approvals 0'],
  ['installments_add_up', 'a plan of more than its instalments', 'plan 2, total 901, installments 900'],
  ['installments_add_up', 'more open of one than it is', 'plan 2, total 300, installments 301'],
  ['plans_match_invoices', 'an instalment with more open', 'invoice INV-5, balance 600, installments 601'],
  ['plans_match_invoices', 'a plan without instalments', 'invoice INV-5, balance 600, installments 0'],
];
