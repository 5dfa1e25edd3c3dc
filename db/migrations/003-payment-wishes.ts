import type { Migration } from './migration.ts';

/**
 * What else a payer asked for with a payment (keep the card, AutoPay, an approval), kept with the intent so that it survives a crash;
 * and the payment methods that are off for a customer or an estimate, as they are for an invoice.
 */
export const paymentWishes: Migration = {
  name: '003-payment-wishes',
  tables: [
    `alter table payment_attempts add column wishes text not null default '{}';
alter table customers add column disabled_methods text;
alter table estimates add column disabled_methods text;
`,
  ],
  sqlite: [],
  postgres: [],
};
