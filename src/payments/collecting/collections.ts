import type { MerchantDb } from '#db/scoped.ts';
import { type Money, money } from '../../kernel/money.ts';
import { dateOf, nowMs } from '../../kernel/time.ts';
import type { CustomerScope, MerchantScope } from '../../scope.ts';
import { failedTries } from '../attempts/retries.ts';
import { type Slot, slotName } from '../attempts/slot.ts';
import { dueIds } from './due.ts';

/*
 * What AutoPay and active payment plans will collect, and when. It follows from the invoices, instalments and instruments as they are: nothing
 * is planned ahead but retries.
 */

/** Something that will be collected by itself. */
export interface Collection extends Slot {
  readonly customerId: number;
  readonly invoiceId: number;
  readonly clientId: string;
  /** The invoice's. */
  readonly number: string;
  /** Place in the plan, from 1; for instalments. */
  readonly position: number | undefined;
  /** Epoch ms from which it is collected. */
  readonly at: number;
  /** The civil date of that, today when it has passed. */
  readonly date: string;
  /** Without a convenience fee. */
  readonly amount: Money;
  /** The customer's default instrument; undefined where there is none, for what enrolling would bring. */
  readonly methodId: number | undefined;
}

type Scope = CustomerScope | MerchantScope;

/**
 * Everything that will be collected as things stand, the earliest first: open invoices of customers who are enrolled or that demand it
 * themselves, and what is open of active plans, where there is a usable default instrument. `asIfEnrolled` shows what enrolling would bring,
 * with whatever instrument. What is being paid just now, was promised, was parked, has had its last retry or is paid by hand is not
 * among it.
 */
export async function upcomingCollections(
  scope: Scope,
  { asIfEnrolled = false }: { readonly asIfEnrolled?: boolean } = {},
): Promise<Collection[]> {
  const invoices = await collectableInvoices(scope, { asIfEnrolled });
  const installments = await collectableInstallments(scope, { asIfEnrolled });
  return inOrder([
    ...invoices.flatMap((row) => invoiceCollection(scope, row)),
    ...installments.flatMap((row) => installmentCollection(scope, row)),
  ]);
}

/** Of these, what is due at a moment (epoch ms), now unless given. What is due later is not even read. */
export async function dueCollections(scope: Scope, until = nowMs(scope.clock)): Promise<Collection[]> {
  const found: Collection[] = [];
  for (const ids of await dueIds(scope, 'invoices', until))
    found.push(
      ...(await collectableInvoices(scope, { ids })).flatMap((row) => invoiceCollection(scope, row)),
    );
  for (const ids of await dueIds(scope, 'installments', until))
    found.push(
      ...(await collectableInstallments(scope, { ids })).flatMap((row) => installmentCollection(scope, row)),
    );
  return inOrder(found.filter(({ at }) => at <= until));
}

function inOrder(collections: readonly Collection[]): Collection[] {
  return collections.toSorted((a, b) => a.at - b.at || a.invoiceId - b.invoiceId || a.id - b.id);
}

/**
 * What would be due at this moment if the customer enrolled now (or, `asIfEnrolled` off, only chose another instrument): what failed before is
 * due again with it. The earliest first.
 */
export async function dueAtOnce(
  scope: CustomerScope,
  { asIfEnrolled = true }: { readonly asIfEnrolled?: boolean | undefined } = {},
): Promise<Collection[]> {
  const now = nowMs(scope.clock);
  const upcoming = (await upcomingCollections(scope, { asIfEnrolled })).filter(({ at }) => at <= now);
  const known = new Set(upcoming.map(slotName));
  const failed = new Set((await failedTries(scope, { asIfEnrolled })).map(({ slot }) => slotName(slot)));
  const again = (await triedCollections(scope, asIfEnrolled)).filter(
    (one) => !known.has(slotName(one)) && failed.has(slotName({ ...one, attempt: one.attempt - 1 })),
  );
  return [
    ...upcoming,
    ...again.map((one) => ({ ...one, at: now, date: dateOf(now, scope.tenant.timeZone) })),
  ];
}

/** What would be collected, now and later, if the customer enrolled now. The earliest first. */
export async function asIfEnrolledNow(scope: CustomerScope): Promise<Collection[]> {
  const now = nowMs(scope.clock);
  const later = (await upcomingCollections(scope, { asIfEnrolled: true })).filter(({ at }) => at > now);
  const atOnce = await dueAtOnce(scope);
  const due = new Set(atOnce.map(({ kind, id }) => `${kind}:${id}`));
  return [...atOnce, ...later.filter(({ kind, id }) => !due.has(`${kind}:${id}`))];
}

/** What was tried before, whether or not it is tried again by itself. */
async function triedCollections(scope: CustomerScope, asIfEnrolled: boolean): Promise<Collection[]> {
  const invoices = await collectableInvoices(scope, { asIfEnrolled, tried: true });
  const installments = await collectableInstallments(scope, { asIfEnrolled, tried: true });
  return [
    ...invoices.flatMap((row) => invoiceCollection(scope, row)),
    ...installments.flatMap((row) => installmentCollection(scope, row)),
  ].filter(({ attempt }) => attempt > 1);
}

/** The same collections as they stand now, without those that are done, were changed, or are not due. */
export async function stillDue(
  scope: CustomerScope,
  collections: readonly Collection[],
): Promise<Collection[]> {
  const wanted = new Set(collections.map(slotName));
  return (await dueCollections(scope)).filter((one) => wanted.has(slotName(one)));
}

/** The next try of the same invoice or instalment; another instalment of its plan is none. */
export function nextTryOf(upcoming: readonly Collection[], { kind, id }: Slot): Collection | undefined {
  return upcoming.find((one) => one.kind === kind && one.id === id);
}

type InvoiceRow = Awaited<ReturnType<typeof collectableInvoices>>[number];
type InstallmentRow = Awaited<ReturnType<typeof collectableInstallments>>[number];

/** Selects are alike on both handles; the merchant's sees every customer. */
function reading(scope: Scope): MerchantDb {
  return scope.db as MerchantDb;
}

interface Wanted {
  readonly asIfEnrolled?: boolean;
  /** Also what is not tried again by itself. */
  readonly tried?: boolean;
  /** These alone, of the invoices or of the instalments. */
  readonly ids?: readonly number[];
}

/** What the customer, or the merchant, said would be paid outside the portal is not collected. */
function promisedInvoices(db: MerchantDb) {
  return db.from('promises').select('invoice_id').where('state', '=', 'open');
}

function collectableInvoices(scope: Scope, { asIfEnrolled = false, tried = false, ids }: Wanted) {
  const db = reading(scope);
  return db
    .from('invoices')
    .innerJoin(db.rows('customers'), 'customers.id', 'invoices.customer_id')
    .leftJoin(db.rows('payment_methods'), (join) =>
      join
        .onRef('payment_methods.customer_id', '=', 'invoices.customer_id')
        .on('payment_methods.is_default', '=', 1)
        .on('payment_methods.state', '=', 'usable'),
    )
    .leftJoin(db.rows('payment_plans'), (join) =>
      join
        .onRef('payment_plans.invoice_id', '=', 'invoices.id')
        .on('payment_plans.state', 'in', ['pending_signup', 'active']),
    )
    .select([
      ...(['invoices.id', 'invoices.customer_id', 'invoices.client_id', 'invoices.number'] as const),
      ...(['invoices.currency', 'invoices.balance_minor', 'invoices.pending_minor'] as const),
      ...(['invoices.attempt_count', 'invoices.next_attempt_at', 'invoices.first_at'] as const),
      'payment_methods.id as method_id',
    ])
    .where('payment_plans.id', 'is', null)
    .where('invoices.balance_minor', '>', 0)
    .where('invoices.state', '=', 'issued')
    .where('invoices.closed', '=', 0)
    .where('invoices.id', 'not in', promisedInvoices(db))
    .where((eb) =>
      asIfEnrolled
        ? // Whoever enrols anew takes back what they had kept to pay by hand; whoever is enrolled keeps it.
          eb.or([eb('customers.autopay', '=', 0), eb('invoices.by_hand', '=', 0)])
        : eb.and([
            eb('payment_methods.id', 'is not', null),
            eb('invoices.by_hand', '=', 0),
            eb.or([eb('customers.autopay', '=', 1), eb('invoices.autopay', '=', 1)]),
          ]),
    )
    .where((eb) =>
      tried
        ? eb.lit(true)
        : eb.or([eb('invoices.attempt_count', '=', 0), eb('invoices.next_attempt_at', 'is not', null)]),
    )
    .$if(ids !== undefined, (found) => found.where('invoices.id', 'in', ids!))
    .execute();
}

function collectableInstallments(scope: Scope, { asIfEnrolled = false, tried = false, ids }: Wanted) {
  const db = reading(scope);
  return db
    .from('installments')
    .innerJoin(db.rows('payment_plans'), 'payment_plans.id', 'installments.plan_id')
    .innerJoin(db.rows('invoices'), 'invoices.id', 'payment_plans.invoice_id')
    .innerJoin(db.rows('customers'), 'customers.id', 'installments.customer_id')
    .leftJoin(db.rows('payment_methods'), (join) =>
      join
        .onRef('payment_methods.customer_id', '=', 'installments.customer_id')
        .on('payment_methods.is_default', '=', 1)
        .on('payment_methods.state', '=', 'usable'),
    )
    .select([
      ...(['installments.id', 'installments.customer_id', 'installments.position'] as const),
      ...(['installments.first_at', 'installments.balance_minor', 'installments.attempt_count'] as const),
      ...(['installments.next_attempt_at', 'invoices.id as invoice_id', 'invoices.client_id'] as const),
      ...(['invoices.number', 'invoices.currency', 'payment_methods.id as method_id'] as const),
      ...(['invoices.balance_minor as invoice_balance', 'invoices.pending_minor'] as const),
    ])
    .where('payment_plans.state', '=', 'active')
    .where('installments.balance_minor', '>', 0)
    .where('invoices.state', '=', 'issued')
    .where('invoices.closed', '=', 0)
    .where('invoices.id', 'not in', promisedInvoices(db))
    .where((eb) =>
      asIfEnrolled
        ? eb.or([eb('customers.autopay', '=', 0), eb('invoices.by_hand', '=', 0)])
        : eb.and([
            eb('payment_methods.id', 'is not', null),
            eb('invoices.by_hand', '=', 0),
            eb.or([eb('customers.autopay', '=', 1), eb('invoices.autopay', '=', 1)]),
          ]),
    )
    .where((eb) =>
      tried
        ? eb.lit(true)
        : eb.or([
            eb('installments.attempt_count', '=', 0),
            eb('installments.next_attempt_at', 'is not', null),
          ]),
    )
    .$if(ids !== undefined, (found) => found.where('installments.id', 'in', ids!))
    .execute();
}

function invoiceCollection(scope: Scope, row: InvoiceRow): Collection[] {
  const minor = row.balance_minor - row.pending_minor;
  if (minor <= 0) return [];
  const at = row.next_attempt_at ?? row.first_at ?? Infinity;
  return [
    {
      kind: 'autopay',
      id: row.id,
      position: undefined,
      invoiceId: row.id,
      ...common(scope, row, at, minor),
    },
  ];
}

function installmentCollection(scope: Scope, row: InstallmentRow): Collection[] {
  const minor = Math.min(row.balance_minor, row.invoice_balance - row.pending_minor);
  if (minor <= 0) return [];
  const at = row.next_attempt_at ?? row.first_at ?? Infinity;
  return [
    {
      kind: 'installment',
      id: row.id,
      position: row.position,
      invoiceId: row.invoice_id,
      ...common(scope, row, at, minor),
    },
  ];
}

function common(scope: Scope, row: InvoiceRow | InstallmentRow, at: number, minor: number) {
  return {
    customerId: row.customer_id,
    clientId: row.client_id,
    number: row.number,
    attempt: row.attempt_count + 1,
    at,
    date: dateOf(Math.max(at, nowMs(scope.clock)), scope.tenant.timeZone),
    amount: money(minor, row.currency),
    methodId: row.method_id ?? undefined,
  };
}
