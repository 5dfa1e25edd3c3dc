import { hasValidIban, hasValidRouting } from './bank.ts';
import { hasValidCheckDigit } from './card.ts';
import type { BankDetails, DeclineCode, Source } from './gateway.ts';

/** A reason to decline before any gateway is asked: a number that fails its own check digits never leaves the house. */
export function mistypedIn(source: Source): { code: DeclineCode; message: string } | undefined {
  if (source.kind === 'card' && !hasValidCheckDigit(source.card.number)) {
    return {
      code: 'card_number_invalid',
      message: 'This card number is not complete or has a typing mistake.',
    };
  }
  if (source.kind === 'bank_account' && !isWellFormed(source.account)) {
    return {
      code: 'bank_account_invalid',
      message: 'These account details are not complete or have a typing mistake.',
    };
  }
  return undefined;
}

function isWellFormed({ iban, routing, account }: BankDetails): boolean {
  if (iban !== undefined) return hasValidIban(iban);
  return hasValidRouting(routing ?? '') && /^\d{4,17}$/.test(account ?? '');
}
