import type { Customer } from '../customers/customers.ts';
import { localeOf } from '../kernel/format.ts';
import type { CustomerScope } from '../scope.ts';
import { chooseLanguage } from '../words/languages.ts';
import { type Words, wordsFor } from '../words/words.ts';

/** The words for a customer's papers: in the customer's language, else in the tenant's. */
export function wordsOf(scope: CustomerScope, customer: Pick<Customer, 'language'>): Words {
  return wordsIn(customer.language, scope.tenant.language);
}

/** The words in the first of these languages (BCP 47) that is finished; amounts are written for the first that is well-formed, whether it is or not. */
export function wordsIn(...tags: ReadonlyArray<string | undefined>): Words {
  const { language } = chooseLanguage(tags);
  return wordsFor({ language, locale: localeOf(...tags) });
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
