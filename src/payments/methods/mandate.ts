import type { CustomerScope } from '../../scope.ts';
import type { OnlineMethod } from '../attempts/terms.ts';

/**
 * What a payer agrees to by giving a bank account: shown beside the button, and kept with the account. Undefined for a card, whose network has
 * rules of its own.
 */
export function mandateText({ tenant }: CustomerScope, method: OnlineMethod): string | undefined {
  if (method === 'ach') {
    return (
      `By going on you authorise ${tenant.name} to debit this bank account for what you choose to pay and, if you enrol in AutoPay, for your ` +
      'invoices when they are due, and to credit it to correct a mistake. You can withdraw this at any time by removing the account.'
    );
  }
  if (method === 'direct_debit') {
    return (
      `By giving your IBAN and going on you authorise ${tenant.name} to send instructions to your bank to debit your account, and your bank to ` +
      'debit your account in accordance with those instructions. You are entitled to a refund from your bank under the terms of your agreement ' +
      'with it; a refund must be claimed within 8 weeks of the debit.'
    );
  }
  return undefined;
}
