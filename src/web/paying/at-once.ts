import type { PayChoice, Said } from '#src/components/pay-models.ts';
import { refuse } from '#src/kernel/errors.ts';
import { formatMoney, type Money, sum, zero } from '#src/kernel/money.ts';
import { slotName } from '#src/payments/attempts/slot.ts';
import type { OnlineMethod, PayingMethod } from '#src/payments/attempts/terms.ts';
import { planCharges, type PlannedCharge } from '#src/payments/collecting/charges.ts';
import { type Collection, dueAtOnce } from '#src/payments/collecting/collections.ts';
import type { Visitor } from '../visitor.ts';

/*
 * What AutoPay takes at once when it is turned on, or collects from another method, in a form: by the method, because fees and bounds differ.
 * The form says it, and sends back what it said.
 */

/** What is taken at once with a method. */
export interface AtOnce {
  readonly charges: readonly PlannedCharge[];
  /** "€3,945.19", "€20.00 and $5.00", fees included; empty for nothing. */
  readonly text: string;
  /** What a form sends back of it: `EUR=394519,USD=500`; empty for nothing. */
  readonly seen: string;
}

/** What is paid with the same form, minor units by invoice id: only the rest of it is taken at once. */
export type PaidNow = ReadonlyMap<number, number>;

const NOTHING: PaidNow = new Map();

/** What is taken at once with a method, besides what is paid with the same form. */
export async function takenAtOnce(
  visitor: Visitor,
  method: OnlineMethod,
  paying: PaidNow = NOTHING,
): Promise<AtOnce> {
  return toldOf(visitor, method, withoutPaid(await dueAtOnce(visitor.scope), paying));
}

/** The same where the method only becomes the default: nobody enrols. */
export async function takenAsDefault(visitor: Visitor, method: OnlineMethod): Promise<AtOnce> {
  const { scope, customer } = visitor;
  return toldOf(visitor, method, await dueAtOnce(scope, { asIfEnrolled: customer.autopay }));
}

async function toldOf(
  { scope, language }: Visitor,
  method: OnlineMethod,
  due: readonly Collection[],
): Promise<AtOnce> {
  const { charges } = await planCharges(scope, due, { method });
  const totals = [...Map.groupBy(charges, ({ total }) => total.currency)].map(([currency, some]) =>
    sum(
      some.map(({ total }) => total),
      currency,
    ),
  );
  return {
    charges,
    text: totals.map((total) => formatMoney(total, language)).join(' and '),
    seen: totals.map(({ currency, minor }) => `${currency}=${minor}`).join(','),
  };
}

/** What is left of collections after invoices were paid: what falls due first is paid first. */
function withoutPaid(due: readonly Collection[], paying: PaidNow): Collection[] {
  const left = new Map(paying);
  return due.flatMap((one) => {
    const paid = Math.min(left.get(one.invoiceId) ?? 0, one.amount.minor);
    left.set(one.invoiceId, (left.get(one.invoiceId) ?? 0) - paid);
    const amount = { ...one.amount, minor: one.amount.minor - paid };
    return amount.minor > 0 ? [{ ...one, amount }] : [];
  });
}

/** The hidden fields that say what a form shows as taken at once, by kind of method. */
export async function atOnceFields(
  visitor: Visitor,
  methods: readonly PayingMethod[],
  paying: PaidNow = NOTHING,
): Promise<Array<{ name: string; value: string }>> {
  const fields = [];
  for (const { kind, name } of methods)
    fields.push({ name: 'at_once', value: `${kind}:${(await takenAtOnce(visitor, name, paying)).seen}` });
  return fields;
}

/** A sentence for each kind of method; one alone where they say the same. Those that come to nothing are left out. */
export async function sayAtOnce(
  visitor: Visitor,
  methods: readonly PayingMethod[],
  say: (text: string) => string,
  taken: (method: OnlineMethod) => Promise<AtOnce> = (method) => takenAtOnce(visitor, method),
): Promise<Said[]> {
  const said: Said[] = [];
  for (const { kind, name } of methods)
    said.push({ when: ARRIVES[kind], text: say((await taken(name)).text) });
  const isSame = said.every(({ text }) => text === said[0]?.text);
  return (isSame ? said.slice(0, 1).map(({ text }) => ({ text })) : said).filter(({ text }) => text !== '');
}

/** Which choices of a form a sentence belongs to. */
export const ARRIVES: Readonly<Record<PayingMethod['kind'], PayChoice['arrives']>> = {
  card: 'at_once',
  bank_account: 'later',
};

/**
 * What is taken at once must be what the form said; answers the names of the slots that were agreed to. Refuses `total_not_seen`. Where nothing is
 * taken any more there is nothing to agree to.
 */
export async function assertAtOnceSeen(
  visitor: Visitor,
  { at_once: sent }: { readonly at_once: readonly string[] },
  method: PayingMethod,
  paying: PaidNow = NOTHING,
): Promise<ReadonlySet<string>> {
  const taken = await takenAtOnce(visitor, method.name, paying);
  assertSeen(visitor, taken, sent, `${method.kind}:${taken.seen}`);
  const { charges } = taken;
  return new Set(charges.flatMap(({ collections }) => collections.map(slotName)));
}

/** The same for the sum that a page said beside a method. */
export function assertSeen(
  { language }: Visitor,
  { charges, text, seen }: AtOnce,
  sent: readonly string[],
  said: string = seen,
): void {
  if (seen !== '' && !sent.includes(said))
    refuse('total_not_seen', { total: text, fee: feeText(charges, language) });
}

function feeText(charges: readonly PlannedCharge[], language: string): string {
  const fees = [...Map.groupBy(charges, ({ total }) => total.currency)].map(([currency, some]) =>
    some.reduce<Money>((all, { fee }) => ({ ...all, minor: all.minor + fee.minor }), zero(currency)),
  );
  const shown = fees.filter(({ minor }) => minor > 0).map((fee) => formatMoney(fee, language));
  return shown.length > 0 ? `, with a fee of ${shown.join(' and ')} included` : '';
}
