import type { Catalogue } from '../catalogue.ts';

export const estimates = (): Catalogue['estimates'] => ({
  approvalTitle: 'Votre accord',
  initials: 'Vos initiales',
  initialsHint:
    'Elles valent signature. Nous les conservons avec l’heure, votre adresse IP et votre navigateur.',
  termsTitle: 'Conditions',
  agreeToTerms: 'J’accepte ces conditions',
  approve: 'Accepter le devis',
  approveAndPay: 'Accepter et payer',
  approving: 'Acceptation…',
  depositKept: 'Nous le conservons comme avoir et l’utiliserons pour la facture.',
  howMuch: 'Combien souhaitez-vous payer maintenant ?',
  declineReason: 'Pourquoi le refusez-vous ?',
  declineHint: 'Facultatif',
  decline: 'Refuser le devis',
  declining: 'Refus…',
  keepDeciding: 'Plus tard',
});
