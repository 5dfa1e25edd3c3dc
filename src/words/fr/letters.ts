import type { Tongue } from '../tongue.ts';
import type { Catalogue } from '../catalogue.ts';

export const letters = ({ name, plural }: Tongue): Catalogue['letters'] => ({
  questionsByEmail: ({ email }) => `Une question ? Répondez à cet e-mail ou écrivez à ${name(email)}.`,
  questionsByEmailOrPhone: ({ email, phone }) =>
    `Une question ? Répondez à cet e-mail, écrivez à ${name(email)} ou appelez le ${name(phone)}.`,
  questionsByPhone: ({ phone }) => `Une question ? Appelez le ${name(phone)}.`,
  questionsTo: ({ merchant }) => `Une question ? Contactez ${name(merchant)}.`,
  addressLine: ({ lines }) => lines.map(name).join(', '),
  labelled: ({ label, value }) => `${label} : ${value}`,
  labelledWithNote: ({ label, value, note }) => `${label} : ${value} (${note})`,
  invoice: ({ number }) => `Facture ${name(number)}`,
  invoices: ({ count }) => plural(count, { one: '# facture', other: '# factures' }),
  fee: 'Frais',
  total: 'Montant total',
  fromMethod: ({ method }) => `Depuis ${name(method)}`,
  yourMethod: 'votre moyen de paiement',
  viewReceipt: 'Voir le reçu',
  payNow: 'Payer maintenant',
  paymentReason: ({ merchant, customer }) =>
    `Vous recevez cet e-mail car un paiement a été effectué à ${name(merchant)} pour le compte de ${name(customer)}.`,
  autopayReason: ({ merchant, customer }) =>
    `Vous recevez cet e-mail car ${name(customer)} règle les factures de ${name(merchant)} avec AutoPay.`,

  signInTo: ({ merchant }) => `Connexion à ${name(merchant)}`,
  signInPreheader: ({ until }) => `Le lien ne fonctionne qu’une fois, jusqu’à ${name(until)}.`,
  signInButtonIntro: ({ until }) =>
    `Ouvrez votre espace de facturation avec ce bouton. Il ne fonctionne qu’une fois, jusqu’à ${name(until)}.`,
  signInLinkIntro: ({ until }) =>
    `Ouvrez votre espace de facturation avec ce lien. Il ne fonctionne qu’une fois, jusqu’à ${name(until)}.`,
  signIn: 'Se connecter',
  signInCodeIntro:
    'Vous lisez ce message sur un autre appareil ? Saisissez ce code là où vous avez demandé à vous connecter :',
  signInWarning: ({ at, from }) =>
    `Demandé à ${name(at)} depuis ${name(from)}. Si ce n’était pas vous, ignorez cet e-mail : personne ne peut se connecter sans lui. Ne communiquez jamais ce code. Nous ne vous le demanderons pas.`,
  signInReason: ({ host, merchant }) =>
    `Vous recevez cet e-mail car quelqu’un a demandé à se connecter à ${name(host)} avec votre adresse, connue de ${name(merchant)}.`,

  receiptSubject: ({ number, total, merchant }) => `Reçu ${name(number)} : ${total} à ${name(merchant)}`,
  receipt: ({ number }) => `Reçu ${name(number)}`,
  thanks: 'Merci pour votre paiement',
  onItsWay: 'Votre paiement est en cours',
  paidInvoice: ({ total, method, date, number }) =>
    `${total} payés avec ${name(method)} le ${date} pour la facture ${name(number)}.`,
  paidInvoices: ({ total, method, date, count }) =>
    `${total} payés avec ${name(method)} le ${date} pour ${plural(count, { one: '# facture', other: '# factures' })}.`,
  paidDeposit: ({ total, method, date, number }) =>
    `${total} payés avec ${name(method)} le ${date} comme acompte sur le devis ${name(number)}.`,
  paidInAdvance: ({ total, method, date }) =>
    `${total} payés avec ${name(method)} le ${date}, conservés comme avoir sur votre compte.`,
  paidOnWith: ({ date, method }) => `Payé le ${date} avec ${name(method)}`,
  totalPaid: 'Total payé',
  paidFor: 'Payé pour',
  account: 'Compte',
  attached: 'Pièce jointe',
  pending:
    'Votre banque ne l’a pas encore confirmé. Vous n’avez rien à faire. Nous ne vous écrirons de nouveau que s’il n’arrive pas.',
  stillDue: ({ amount }) => `Reste dû : ${amount}`,
  depositFor: ({ number }) => `Acompte sur le devis ${name(number)}`,
  depositKept: 'Conservé pour sa facture',
  accountCredit: 'Avoir sur le compte',
  creditKept: 'Conservé pour vos prochaines factures',

  failedSubject: ({ total, number }) =>
    `Nous n’avons pas pu prélever ${total} pour la facture ${name(number)}`,
  failedSubjectMany: ({ total, count }) =>
    `Nous n’avons pas pu prélever ${total} pour ${plural(count, { one: '# facture', other: '# factures' })}`,
  failedTitle: 'Votre paiement n’a pas abouti',
  failedIntro: ({ total, number }) =>
    `Votre paiement de ${total} pour la facture ${name(number)} n’a pas abouti.`,
  failedIntroMany: ({ total, count }) =>
    `Votre paiement de ${total} pour ${plural(count, { one: '# facture', other: '# factures' })} n’a pas abouti.`,
  failedReason: 'Le paiement a été refusé.',
  nextTry: ({ date }) => `Nous réessaierons le ${date}.`,
  lastTry: ({ number }) =>
    `Nous ne réessaierons pas automatiquement. Veuillez payer la facture ${name(number)} ou utiliser un autre moyen de paiement.`,
  lastTryMany: ({ count }) =>
    plural(count, {
      one: 'Nous ne réessaierons pas automatiquement. Veuillez payer la facture ou utiliser un autre moyen de paiement.',
      other:
        'Nous ne réessaierons pas automatiquement. Veuillez payer les # factures ou utiliser un autre moyen de paiement.',
    }),
  updateMethod: 'Changer de moyen de paiement',
  updateHint:
    'Dès que vous ajoutez un autre moyen de paiement, nous réessayons et vous indiquons si le paiement a abouti.',
  more: ({ count }) => plural(count, { one: 'Et # autre', other: 'Et # autres' }),
  nextTryLabel: 'Prochain essai',
  noNextTry: 'Aucun',

  expiringSubject: ({ method, date }) => `${name(method)} expire le ${date}`,
  expiringKicker: 'AutoPay',
  expiringTitle: 'Votre carte expire bientôt',
  goodUntil: ({ date }) => `Valable jusqu’au ${date}`,
  expiringIntro: ({ method, date }) => `${name(method)} est valable jusqu’au ${date}.`,
  expiringUse: ({ merchant, method }) =>
    `Vos factures de ${name(merchant)} sont payées automatiquement avec ${name(method)}. Après cette date, nous ne pourrons plus la débiter.`,
  expiringNext:
    'Ajoutez une autre carte d’ici là, et vos factures continueront d’être payées automatiquement.',
  addCard: 'Ajouter une carte',

  returnedSubject: ({ total }) => `Votre banque a rejeté votre paiement de ${total}`,
  bankAccount: 'Compte bancaire',
  returnedTitle: 'Votre paiement n’est pas arrivé',
  returnedReason: 'Votre banque a rejeté le prélèvement.',
  returnedNext:
    'Rien n’a été débité. Les factures concernées restent à payer : veuillez les régler depuis un autre compte ou par carte.',

  refundSubject: ({ merchant, amount, number }) =>
    `${name(merchant)} a remboursé ${amount} du paiement ${name(number)}`,
  payment: ({ number }) => `Paiement ${name(number)}`,
  refundTitle: 'Votre remboursement est en cours',
  toMethod: ({ method }) => `Vers ${name(method)}`,
  refundNext:
    'Le montant est recrédité sur le moyen de paiement que vous avez utilisé. Votre banque peut mettre quelques jours à l’afficher.',
  paidOn: ({ date }) => `Payé le ${date}`,
});
