import type { Tongue } from '../tongue.ts';
import type { Catalogue } from '../catalogue.ts';

export const letters = ({ name, plural }: Tongue): Catalogue['letters'] => ({
  questionsByEmail: ({ email }) =>
    `Fragen? Antworten Sie auf diese E-Mail oder schreiben Sie an ${name(email)}.`,
  questionsByEmailOrPhone: ({ email, phone }) =>
    `Fragen? Antworten Sie auf diese E-Mail, schreiben Sie an ${name(email)} oder rufen Sie uns unter ${name(phone)} an.`,
  questionsByPhone: ({ phone }) => `Fragen? Rufen Sie uns unter ${name(phone)} an.`,
  questionsTo: ({ merchant }) => `Fragen? Wenden Sie sich an ${name(merchant)}.`,
  addressLine: ({ lines }) => lines.map(name).join(', '),
  labelled: ({ label, value }) => `${label}: ${value}`,
  labelledWithNote: ({ label, value, note }) => `${label}: ${value} (${note})`,
  invoice: ({ number }) => `Rechnung ${name(number)}`,
  invoices: ({ count }) => plural(count, { one: '# Rechnung', other: '# Rechnungen' }),
  fee: 'Gebühr',
  total: 'Gesamt',
  fromMethod: ({ method }) => `Von ${name(method)}`,
  yourMethod: 'Ihrer Zahlungsmethode',
  viewReceipt: 'Beleg ansehen',
  payNow: 'Jetzt bezahlen',
  paymentReason: ({ merchant, customer }) =>
    `Sie erhalten diese E-Mail, weil für ${name(customer)} eine Zahlung an ${name(merchant)} vorgenommen wurde.`,
  autopayReason: ({ merchant, customer }) =>
    `Sie erhalten diese E-Mail, weil die Rechnungen von ${name(merchant)} an ${name(customer)} mit AutoPay bezahlt werden.`,

  signInTo: ({ merchant }) => `Anmeldung bei ${name(merchant)}`,
  signInPreheader: ({ until }) => `Der Link funktioniert einmal, bis ${name(until)}.`,
  signInButtonIntro: ({ until }) =>
    `Öffnen Sie Ihr Rechnungsportal mit dieser Schaltfläche. Sie funktioniert einmal, bis ${name(until)}.`,
  signInLinkIntro: ({ until }) =>
    `Öffnen Sie Ihr Rechnungsportal mit diesem Link. Er funktioniert einmal, bis ${name(until)}.`,
  signIn: 'Anmelden',
  signInCodeIntro:
    'Sie lesen das auf einem anderen Gerät? Geben Sie diesen Code dort ein, wo Sie sich anmelden wollten:',
  signInWarning: ({ at, from }) =>
    `Angefordert um ${name(at)} von ${name(from)}. Falls Sie das nicht waren, können Sie diese E-Mail ignorieren: Ohne sie kann sich niemand anmelden. Geben Sie den Code nie weiter. Wir fragen nicht danach.`,
  signInReason: ({ host, merchant }) =>
    `Sie erhalten diese E-Mail, weil sich jemand auf ${name(host)} mit Ihrer Adresse anmelden wollte, die bei ${name(merchant)} hinterlegt ist.`,

  receiptSubject: ({ number, total, merchant }) =>
    `Zahlungsbeleg ${name(number)}: ${total} an ${name(merchant)}`,
  receipt: ({ number }) => `Zahlungsbeleg ${name(number)}`,
  thanks: 'Vielen Dank für Ihre Zahlung',
  onItsWay: 'Ihre Zahlung ist unterwegs',
  paidInvoice: ({ total, method, date, number }) =>
    `${total} am ${date} mit ${name(method)} für Rechnung ${name(number)} bezahlt.`,
  paidInvoices: ({ total, method, date, count }) =>
    `${total} am ${date} mit ${name(method)} für ${plural(count, { one: '# Rechnung', other: '# Rechnungen' })} bezahlt.`,
  paidDeposit: ({ total, method, date, number }) =>
    `${total} am ${date} mit ${name(method)} als Anzahlung für Angebot ${name(number)} bezahlt.`,
  paidInAdvance: ({ total, method, date }) =>
    `${total} am ${date} mit ${name(method)} bezahlt und Ihrem Konto gutgeschrieben.`,
  paidOnWith: ({ date, method }) => `Bezahlt am ${date} mit ${name(method)}`,
  totalPaid: 'Bezahlt insgesamt',
  paidFor: 'Bezahlt für',
  account: 'Kundennummer',
  attached: 'Anlage',
  pending:
    'Ihre Bank hat sie noch nicht bestätigt. Sie brauchen nichts zu tun. Wir schreiben Ihnen nur dann noch einmal, wenn sie nicht ankommt.',
  stillDue: ({ amount }) => `Noch offen: ${amount}`,
  depositFor: ({ number }) => `Anzahlung für Angebot ${name(number)}`,
  depositKept: 'Wird mit der Rechnung verrechnet',
  accountCredit: 'Guthaben',
  creditKept: 'Wird mit Ihren nächsten Rechnungen verrechnet',

  failedSubject: ({ total, number }) => `Wir konnten ${total} für Rechnung ${name(number)} nicht einziehen`,
  failedSubjectMany: ({ total, count }) =>
    `Wir konnten ${total} für ${plural(count, { one: '# Rechnung', other: '# Rechnungen' })} nicht einziehen`,
  failedTitle: 'Ihre Zahlung ist fehlgeschlagen',
  failedIntro: ({ total, number }) =>
    `Ihre Zahlung von ${total} für Rechnung ${name(number)} ist fehlgeschlagen.`,
  failedIntroMany: ({ total, count }) =>
    `Ihre Zahlung von ${total} für ${plural(count, { one: '# Rechnung', other: '# Rechnungen' })} ist fehlgeschlagen.`,
  failedReason: 'Die Zahlung wurde abgelehnt.',
  nextTry: ({ date }) => `Wir versuchen es am ${date} noch einmal.`,
  lastTry: ({ number }) =>
    `Wir versuchen es nicht noch einmal automatisch. Bitte bezahlen Sie Rechnung ${name(number)} oder verwenden Sie eine andere Zahlungsmethode.`,
  lastTryMany: ({ count }) =>
    plural(count, {
      one: 'Wir versuchen es nicht noch einmal automatisch. Bitte bezahlen Sie die Rechnung oder verwenden Sie eine andere Zahlungsmethode.',
      other:
        'Wir versuchen es nicht noch einmal automatisch. Bitte bezahlen Sie die # Rechnungen oder verwenden Sie eine andere Zahlungsmethode.',
    }),
  updateMethod: 'Zahlungsmethode ändern',
  updateHint:
    'Sobald Sie eine neue Zahlungsmethode hinzufügen, versuchen wir es erneut und zeigen Ihnen, ob es geklappt hat.',
  more: ({ count }) => plural(count, { one: 'Und # weitere', other: 'Und # weitere' }),
  nextTryLabel: 'Nächster Versuch',
  noNextTry: 'Keiner',

  expiringSubject: ({ method, date }) => `${name(method)} läuft am ${date} ab`,
  expiringKicker: 'AutoPay',
  expiringTitle: 'Ihre Karte läuft bald ab',
  goodUntil: ({ date }) => `Gültig bis ${date}`,
  expiringIntro: ({ method, date }) => `${name(method)} ist bis zum ${date} gültig.`,
  expiringUse: ({ merchant, method }) =>
    `Ihre Rechnungen von ${name(merchant)} werden automatisch mit ${name(method)} bezahlt. Nach diesem Tag können wir sie nicht mehr belasten.`,
  expiringNext:
    'Fügen Sie vorher eine andere Karte hinzu, damit Ihre Rechnungen weiterhin automatisch bezahlt werden.',
  addCard: 'Karte hinzufügen',

  returnedSubject: ({ total }) => `Ihre Bank hat Ihre Zahlung von ${total} zurückgegeben`,
  bankAccount: 'Bankkonto',
  returnedTitle: 'Ihre Zahlung ist nicht angekommen',
  returnedReason: 'Ihre Bank hat die Lastschrift zurückgegeben.',
  returnedNext:
    'Es wurde nichts abgebucht. Die betroffenen Rechnungen sind wieder offen: Bitte bezahlen Sie sie von einem anderen Konto oder mit Karte.',

  refundSubject: ({ merchant, amount, number }) =>
    `${name(merchant)} hat ${amount} der Zahlung ${name(number)} erstattet`,
  payment: ({ number }) => `Zahlung ${name(number)}`,
  refundTitle: 'Ihre Erstattung ist unterwegs',
  toMethod: ({ method }) => `An ${name(method)}`,
  refundNext:
    'Der Betrag geht an die Zahlungsmethode zurück, mit der Sie bezahlt haben. Bis Ihre Bank ihn anzeigt, können einige Tage vergehen.',
  paidOn: ({ date }) => `Bezahlt am ${date}`,
});
