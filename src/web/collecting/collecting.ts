import { longDate } from '#src/kernel/format.ts';
import { isPositive } from '#src/kernel/money.ts';
import { todayIn } from '#src/kernel/time.ts';
import { addMethod } from '#src/payments/methods/method-setup.ts';
import { type Collection, upcomingCollections } from '#src/payments/collecting/collections.ts';
import { slotName } from '#src/payments/attempts/slot.ts';
import { type PlannedCharge, plannedCharges } from '#src/payments/collecting/charges.ts';
import { listMethods, type PaymentMethod, titleOf } from '#src/payments/methods/methods.ts';
import { amount } from '../formatting.ts';
import type { FormProblem } from '../forms.ts';
import {
  declinedInstrument,
  fieldOf,
  type InstrumentForm,
  readInstrument,
} from '../paying/instrument-form.ts';
import { urls } from '../urls.ts';
import type { Visitor, Whereabouts } from '../visitor.ts';

/** A collection as people read it, with the charge that it is part of. */
export interface CollectionWords {
  readonly collection: Collection;
  /** Everything that is charged then: a convenience fee, and what is collected together with it. */
  readonly total: string;
  /** "a fee of €1.20 included"; undefined without one. */
  readonly fee: string | undefined;
  /** How many other invoices and instalments the same charge collects. */
  readonly others: number;
  /** "today", "on 30 November 2026". */
  readonly when: string;
  /** "Visa ending 4242". */
  readonly method: string;
}

/** Words some of what will be collected, with what is charged together with it. */
export async function wordCollections(
  visitor: Visitor,
  collections: readonly Collection[],
): Promise<CollectionWords[]> {
  if (collections.length === 0) return [];
  const { scope, language } = visitor;
  const methods = await listMethods(scope);
  const { charges } = await plannedCharges(scope, await upcomingCollections(scope));
  const chargeOf = new Map(
    charges.flatMap((charge) => charge.collections.map((one) => [slotName(one), charge] as const)),
  );
  return collections.map((collection) => {
    const method = methods.find(({ id }) => id === collection.methodId);
    const charge = chargeOf.get(slotName(collection));
    return {
      collection,
      total: amount(charge?.total ?? collection.amount, language),
      fee: charge && includedText(charge, language),
      others: (charge?.collections.length ?? 1) - 1,
      when: whenText(visitor, collection),
      method: method ? nameOf(method) : 'your payment method',
    };
  });
}

/** "today", "on 30 November 2026". */
export function whenText({ scope, language }: Visitor, { date }: Pick<Collection, 'date'>): string {
  const today = todayIn(scope.clock, scope.tenant.timeZone).toString();
  return date === today ? 'today' : `on ${longDate(date, language)}`;
}

/** "a fee of €1.20 included"; undefined where the charge is what is collected. */
export function includedText(
  { fee, credit }: Pick<PlannedCharge, 'fee' | 'credit'>,
  language: string,
): string | undefined {
  const parts = [
    ...(isPositive(fee) ? [`a fee of ${amount(fee, language)} included`] : []),
    ...(isPositive(credit) ? [`${amount(credit, language)} of it kept as your credit`] : []),
  ];
  return parts.length > 0 ? parts.join(', ') : undefined;
}

/** "and 2 more"; empty for none. */
export function andMore(others: number): string {
  return others > 0 ? ` and ${others} more` : '';
}

export function nameOf(method: PaymentMethod): string {
  return method.label ?? titleOf(method);
}

/** What will be collected as things stand, without what is known today to be put aside: of that somebody has to take care. */
export async function smoothCollections({ scope }: Visitor): Promise<Collection[]> {
  const upcoming = await upcomingCollections(scope);
  const { obstacles } = await plannedCharges(scope, upcoming);
  const stuck = new Set(obstacles.map(({ collection }) => collection));
  return upcoming.filter((collection) => !stuck.has(collection));
}

/**
 * The instrument that a form chose: one of theirs, or a new one that is kept first. Otherwise what to show beside the form's fields, or where to
 * go first, because the bank asks before it is kept: for `use`.
 */
export async function chosenMethod(
  { scope }: Visitor,
  form: InstrumentForm & { readonly nonce: string },
  { clientAddress, userAgent }: Whereabouts,
  use: { readonly autopay?: boolean; readonly makeDefault?: boolean } = {},
): Promise<number | string | FormProblem> {
  const instrument = readInstrument(form);
  if ('wrong' in instrument) return problem(instrument.wrong);
  if (instrument.kind === 'method') return instrument.methodId;
  const acceptance = { ip: clientAddress, userAgent };
  const added = await addMethod(scope, { nonce: form.nonce, with: instrument, acceptance, ...use });
  if (added.state === 'saved') return added.methodId;
  if (added.state === 'action_required') return urls.setup(added.setupId);
  if (added.state !== 'declined') return problem({ [fieldOf(form)]: NOT_AT_ONCE });
  return declinedInstrument(form, added);
}

const NOT_AT_ONCE =
  'Your bank wants to confirm this one first. Add it under payment methods, then choose it here.';

function problem(fields: FormProblem['fields']): FormProblem {
  return { typed: {}, fields, refusal: undefined };
}
