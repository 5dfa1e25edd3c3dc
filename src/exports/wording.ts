import type { Customer } from '../customers/customers.ts';
import type { CustomerScope } from '../scope.ts';
import { type Words, wordsIn } from '../words/words.ts';

/** The words for a customer's papers: in the customer's language, else in the tenant's. */
export function wordsOf(scope: CustomerScope, customer: Pick<Customer, 'language'>): Words {
  return wordsIn(customer.language, scope.tenant.language);
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
