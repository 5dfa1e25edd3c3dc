import { formatPrice, localeOf, longDate } from '../kernel/format.ts';
import { formatMoney, type Money } from '../kernel/money.ts';
import type { Customer } from '../customers/customers.ts';
import type { CustomerScope } from '../scope.ts';

/** Dates and amounts as one reader writes them. */
export interface Wording {
  /** BCP 47, canonical. */
  readonly locale: string;
  amount(amount: Money): string;
  /** A civil date `YYYY-MM-DD`. */
  date(date: string): string;
  /** Decimal text in major units, with as many decimals as it has. */
  price(text: string, currency: string): string;
}

/** In the customer's language, else the tenant's. */
export function wordingFor(scope: CustomerScope, customer: Customer): Wording {
  const locale = localeOf(customer.language, scope.tenant.language);
  return {
    locale,
    amount: (amount) => formatMoney(amount, locale),
    date: (date) => longDate(date, locale),
    price: (text, currency) => formatPrice(text, currency, locale),
  };
}

/** `Invoice INV-2041.pdf`: letters, digits, spaces, dots, dashes and underlines of ASCII only, for any file system and header. */
export function fileName(title: string, number: string, extension: string): string {
  const plain = number
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 60);
  return `${plain ? `${title} ${plain}` : title}.${extension}`;
}
