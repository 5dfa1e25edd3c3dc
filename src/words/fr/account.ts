import type { Catalogue } from '../catalogue.ts';

export const account = (): Catalogue['account'] => ({
  balanceDue: 'Solde dû',
  ageing: 'Montants dus par ancienneté',
  ageingWhen: 'Ancienneté',
  ageingCount: 'Factures',
  payNow: 'Payer maintenant',
  payInAdvance: 'Payer d’avance',
  needsAttention: 'À traiter',
  recentPayments: 'Paiements récents',
  allPayments: 'Tous les paiements',
  noPayments: 'Aucun paiement pour l’instant. Vous les verrez ici avec leurs reçus.',
  billingDetails: 'Coordonnées de facturation',
  change: 'Modifier',
  questions: 'Des questions ?',
  noBillingDetails: 'Nous n’avons pas encore votre adresse.',
});
