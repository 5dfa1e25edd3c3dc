import { addMethod } from '#src/payments/methods/method-setup.ts';
import { type Collection, upcomingCollections } from '#src/payments/collecting/collections.ts';
import { plannedCharges } from '#src/payments/collecting/charges.ts';
import type { FormProblem } from '../forms.ts';
import {
  declinedInstrument,
  fieldOf,
  type InstrumentForm,
  readInstrument,
} from '../paying/instrument-form.ts';
import { urls } from '#src/portal/urls.ts';
import type { Visitor, Whereabouts } from '../visitor.ts';

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
