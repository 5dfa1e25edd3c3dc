import { refuse } from '../../kernel/errors.ts';
import { secretToken } from '../../kernel/ids.ts';
import type { Money } from '../../kernel/money.ts';
import type { InvoiceSummary } from '../../documents/invoices.ts';
import type { CustomerScope } from '../../scope.ts';
import { demandsAutopay } from '../methods/enrolment.ts';
import { expiryOf, listMethods, onlineMethodOf, type PaymentMethod } from '../methods/methods.ts';
import { isReachable } from '../gateways/gateways.ts';
import { leastPart } from './parts.ts';
import { type PayingMethod, payingMethods } from '../attempts/terms.ts';

/** How something can be paid. */
export interface PayOptions {
  /** What may be used, with its terms; empty where nothing can be paid online. */
  readonly methods: readonly PayingMethod[];
  /** The customer's own instruments that may be used, the default first. */
  readonly saved: ReadonlyArray<{ readonly method: PaymentMethod; readonly terms: PayingMethod }>;
  /** The least that may be paid of an invoice; undefined where only the whole may. */
  readonly least: Money | undefined;
  /** Whether the payer may enrol in AutoPay with the payment: it is offered, and they are not enrolled. */
  readonly mayEnrol: boolean;
  /** An invoice wants to be collected by AutoPay, and there is nothing to collect from: what it is paid with is kept. */
  readonly mustKeep: boolean;
}

/** How these invoices can be paid together; with none, how money can be paid in advance. */
export async function payOptions(
  scope: CustomerScope,
  currency: string,
  invoices: ReadonlyArray<Pick<InvoiceSummary, 'id'>>,
): Promise<PayOptions> {
  const disabled = invoices.length === 0 ? [] : await disabledFor(scope, invoices);
  const options = await optionsWithout(scope, currency, disabled);
  return { ...options, mustKeep: await demandsAutopay(scope, invoices) };
}

/** The same where the methods that are off are known: the comma lists of the documents. */
export async function optionsWithout(
  scope: CustomerScope,
  currency: string,
  disabled: ReadonlyArray<string | null>,
): Promise<PayOptions> {
  const methods = await payingMethods(scope, currency, disabled);
  const { autopay } = await scope.db.from('customers').select('autopay').executeTakeFirstOrThrow();
  const kept = methods.length > 0 ? await readyMethods(scope) : [];
  const saved = kept.flatMap((method) => {
    const terms = methods.find(({ name }) => name === onlineMethodOf(method));
    return terms ? [{ method, terms }] : [];
  });
  return {
    methods,
    saved,
    least: leastPart(scope, currency),
    mayEnrol: scope.settings['autopay.enrollment'] && autopay === 0,
    mustKeep: false,
  };
}

/** What a page for paying in advance shows. Refuses `advance_not_allowed`. */
export async function prepareAdvance(
  scope: CustomerScope,
  currency: string,
): Promise<{ readonly nonce: string; readonly currency: string; readonly options: PayOptions }> {
  if (!scope.settings['payments.advance']) refuse('advance_not_allowed');
  return { nonce: secretToken(scope.tokens), currency, options: await payOptions(scope, currency, []) };
}

async function readyMethods(scope: CustomerScope): Promise<PaymentMethod[]> {
  const usable = (await listMethods(scope)).filter(
    (method) => method.state === 'usable' && expiryOf(scope, method) !== 'expired',
  );
  const reachable = new Set<string>();
  for (const gateway of new Set(usable.map((method) => method.gateway)))
    if (await isReachable(scope, gateway)) reachable.add(gateway);
  return usable.filter((method) => reachable.has(method.gateway));
}

/** The ways to pay that are switched off for invoices, as their comma lists. */
export async function disabledFor(
  scope: CustomerScope,
  invoices: ReadonlyArray<Pick<InvoiceSummary, 'id'>>,
): Promise<Array<string | null>> {
  const rows = await scope.db
    .from('invoices')
    .select('disabled_methods')
    .where(
      'id',
      'in',
      invoices.map(({ id }) => id),
    )
    .execute();
  return rows.map((row) => row.disabled_methods);
}
