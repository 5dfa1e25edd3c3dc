import type { Tongue } from '../tongue.ts';
import type { Catalogue } from '../catalogue.ts';

export const paying = ({ name }: Tongue): Catalogue['paying'] => ({
  cardDetails: 'Kartendaten',
  cardNumber: 'Kartennummer',
  expiry: 'Ablaufdatum',
  expiryHint: 'MM/JJ',
  cvc: 'Prüfziffer',
  nameOnCard: 'Name auf der Karte',
  receiptTo: 'Quittung senden an',
  paying: 'Zahlung läuft …',
  summary: 'Übersicht',
  toPay: 'Zu zahlen',
  receiptAtOnce: 'Sie sehen Ihre Quittung sofort.',
  receiptLater:
    'Bankzahlungen dauern einige Tage. Wir senden Ihnen die Quittung, sobald das Geld eingegangen ist.',
  testCards: 'Dies ist eine Demo, es fließt kein Geld. Testnummern:',
  payWith: 'Bezahlen mit',
  accountDetails: 'Kontodaten',
  accountHolder: 'Kontoinhaber',
  accountType: 'Kontoart',
  individual: 'Privat',
  companyAccount: 'Geschäftlich',
  iban: 'IBAN',
  routing: 'Routing Number',
  routingHint: 'Die 9 Ziffern unten links auf einem Scheck',
  account: 'Kontonummer',
  accountAgain: 'Kontonummer bestätigen',
  saveMethod: 'Für das nächste Mal speichern',
  saveMethodHint: 'Sie können sie jederzeit entfernen.',
  autopayTick: 'Künftige Rechnungen automatisch bezahlen (AutoPay)',
  depositNow: 'Anzahlung jetzt fällig',
  remove: 'Entfernen',
  removeOne: ({ number }) => `Entfernen: ${name(number)}`,
  noTotal:
    'Es gibt noch keine Summe. Prüfen Sie, ob jeder Betrag ausgefüllt ist und den offenen Betrag nicht übersteigt.',
  partsHint: 'Wenn Sie einen Betrag ändern, sehen Sie die neue Summe, bevor Sie bezahlen.',
  stripeLoading: 'Die sicheren Felder von Stripe werden geladen …',
  stripeFailed:
    'Die sicheren Felder von Stripe wurden nicht geladen. Laden Sie die Seite neu oder wählen Sie eine andere Zahlungsart.',
  stripeNoScript:
    'Diese Felder brauchen JavaScript, weil Ihre Eingaben direkt an Stripe gehen und nie an uns. Schalten Sie es ein oder wählen Sie eine andere Zahlungsart.',
  paidFor: 'Bezahlt für',
  downloadReceipt: 'Quittung herunterladen',
  backToAccount: 'Zurück zu meinem Konto',
  confirming: 'Wird bestätigt …',
});
