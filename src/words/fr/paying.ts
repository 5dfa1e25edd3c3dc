import type { Tongue } from '../tongue.ts';
import type { Catalogue } from '../catalogue.ts';

export const paying = ({ name }: Tongue): Catalogue['paying'] => ({
  cardDetails: 'Informations de la carte',
  cardNumber: 'Numéro de carte',
  expiry: 'Date d’expiration',
  expiryHint: 'MM/AA',
  cvc: 'Code de sécurité',
  nameOnCard: 'Nom sur la carte',
  receiptTo: 'Envoyer le reçu à',
  paying: 'Paiement en cours…',
  summary: 'Récapitulatif',
  toPay: 'Total à payer',
  receiptAtOnce: 'Votre reçu s’affiche aussitôt.',
  receiptLater:
    'Les paiements bancaires prennent quelques jours. Nous vous enverrons le reçu dès que l’argent sera arrivé.',
  testCards: 'Ceci est une démonstration : aucun argent ne circule. Numéros de test :',
  payWith: 'Payer avec',
  accountDetails: 'Coordonnées bancaires',
  accountHolder: 'Titulaire du compte',
  accountType: 'Type de compte',
  individual: 'Particulier',
  companyAccount: 'Professionnel',
  iban: 'IBAN',
  routing: 'Numéro de routage (routing number)',
  routingHint: 'Les 9 chiffres en bas à gauche d’un chèque',
  account: 'Numéro de compte',
  accountAgain: 'Confirmer le numéro de compte',
  saveMethod: 'Enregistrer pour la prochaine fois',
  saveMethodHint: 'Vous pouvez le supprimer à tout moment.',
  autopayTick: 'Payer automatiquement les prochaines factures (AutoPay)',
  depositNow: 'Acompte à régler maintenant',
  remove: 'Retirer',
  removeOne: ({ number }) => `Retirer ${name(number)}`,
  noTotal:
    'Il n’y a pas encore de total. Vérifiez que chaque montant est rempli et ne dépasse pas le reste dû.',
  partsHint: 'Si vous modifiez un montant, vous verrez le nouveau total avant de payer.',
  stripeLoading: 'Chargement des champs sécurisés de Stripe…',
  stripeFailed:
    'Les champs sécurisés de Stripe n’ont pas pu être chargés. Rechargez la page ou choisissez un autre moyen de paiement.',
  stripeNoScript:
    'Ces champs nécessitent JavaScript, car votre saisie va directement à Stripe et jamais à nous. Activez-le ou choisissez un autre moyen de paiement.',
  paidFor: 'Paiement de',
  downloadReceipt: 'Télécharger le reçu',
  backToAccount: 'Retour à mon compte',
  confirming: 'Confirmation…',
});
