import { english as american } from '../en-US/all.ts';
import type { Tongue } from '../tongue.ts';
import type { Catalogue } from '../catalogue.ts';

/** British English: American English but for what is spelled or called otherwise. */
export const english = (tongue: Tongue): Catalogue => {
  const words = american(tongue);
  return {
    ...words,
    access: { ...words.access, sessionsIntro: 'Sign out of anything you don’t recognise.' },
    paying: {
      ...words.paying,
      expiry: 'Expiry date',
      routingHint: 'The 9 digits at the bottom left of a cheque',
    },
    autopay: {
      ...words.autopay,
      installment: 'Instalment',
      installmentsFrom: 'Pay the instalments with',
    },
  };
};
