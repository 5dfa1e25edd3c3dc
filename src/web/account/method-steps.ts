import type { Step } from '#src/components/models.ts';
import { takesPayments } from '#src/payments/gateways/gateways.ts';
import { expiryOf, listMethods, type PaymentMethod, titleOf } from '#src/payments/methods/methods.ts';
import type { CustomerScope } from '#src/scope.ts';
import { asItIs } from '../methods/payment-methods-page.ts';
import type { Visitor } from '../visitor.ts';
import { urls } from '#src/portal/urls.ts';

/** What My Account asks to do about payment methods: confirm an account, replace the default card before it stops working. */
export async function methodSteps({ scope, account, customer }: Visitor): Promise<Step[]> {
  if (account.role === 'viewer' || !takesPayments(scope)) return [];
  const methods = await Promise.all((await listMethods(scope)).map((method) => asItIs(scope, method)));
  return methods.flatMap((method) => stepOf(scope, method, customer.autopay) ?? []);
}

function stepOf(scope: CustomerScope, method: PaymentMethod, autopay: boolean): Step | undefined {
  if (method.state === 'verifying') {
    return {
      icon: 'bank',
      tone: 'accent',
      title: 'Confirm your bank account',
      text: `Two small deposits are on their way to ${titleOf(method).toLowerCase()}.`,
      action: { label: 'Confirm', href: urls.verifyMethod(method.id) },
    };
  }
  const expiry = method.is_default && method.state === 'usable' ? expiryOf(scope, method) : undefined;
  if (!expiry) return undefined;
  const why = autopay ? 'AutoPay collects from it.' : 'It is your default way to pay.';
  return {
    icon: 'card',
    tone: expiry === 'expired' ? 'bad' : 'warn',
    title:
      expiry === 'expired' ? `Your ${titleOf(method)} has expired` : `Your ${titleOf(method)} expires soon`,
    text: `${why} Add your new card.`,
    action: { label: 'Add a card', href: urls.newMethod },
  };
}
