import type { Catalogue } from '../catalogue.ts';

export const promises = (): Catalogue['promises'] => ({
  howToPay: 'Comment payer',
  reference: 'Référence à indiquer',
  copyReference: 'Copier la référence',
  whenPaid: 'Quand allez-vous payer ?',
  expectedDate: 'Date d’arrivée prévue',
  ownReference: 'Votre référence',
  note: 'Message à notre attention',
  promise: 'Nous informer',
  change: 'Mettre à jour',
  saving: 'Enregistrement…',
});
