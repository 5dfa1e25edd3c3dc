import type { Catalogue } from '../catalogue.ts';

export const promises = (): Catalogue['promises'] => ({
  howToPay: 'So bezahlen Sie',
  reference: 'Verwendungszweck',
  copyReference: 'Verwendungszweck kopieren',
  whenPaid: 'Wann werden Sie bezahlen?',
  expectedDate: 'Voraussichtlicher Geldeingang',
  ownReference: 'Ihre Referenz',
  note: 'Nachricht an uns',
  promise: 'Mitteilen',
  change: 'Aktualisieren',
  saving: 'Wird gespeichert …',
});
