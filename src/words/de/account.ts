import type { Catalogue } from '../catalogue.ts';

export const account = (): Catalogue['account'] => ({
  balanceDue: 'Offener Betrag',
  ageing: 'Offene Beträge nach Alter',
  ageingWhen: 'Alter',
  ageingCount: 'Rechnungen',
  payNow: 'Jetzt bezahlen',
  payInAdvance: 'Im Voraus bezahlen',
  needsAttention: 'Bitte beachten',
  recentPayments: 'Letzte Zahlungen',
  allPayments: 'Alle Zahlungen',
  noPayments: 'Noch keine Zahlungen. Sie finden sie hier mit ihren Quittungen.',
  billingDetails: 'Rechnungsangaben',
  change: 'Ändern',
  questions: 'Fragen?',
  noBillingDetails: 'Wir haben noch keine Anschrift von Ihnen.',
});
