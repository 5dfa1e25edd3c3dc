import type { Catalogue } from '../catalogue.ts';

export const estimates = (): Catalogue['estimates'] => ({
  approvalTitle: 'Ihre Zustimmung',
  initials: 'Ihre Initialen',
  initialsHint: 'Sie gelten als Ihre Unterschrift. Wir speichern sie mit Uhrzeit, IP-Adresse und Browser.',
  termsTitle: 'Bedingungen',
  agreeToTerms: 'Ich stimme diesen Bedingungen zu',
  approve: 'Angebot annehmen',
  approveAndPay: 'Annehmen und bezahlen',
  approving: 'Wird angenommen …',
  depositKept: 'Wir schreiben sie Ihnen gut und verrechnen sie mit der Rechnung.',
  howMuch: 'Wie viel möchten Sie jetzt bezahlen?',
  declineReason: 'Warum lehnen Sie ab?',
  declineHint: 'Optional',
  decline: 'Angebot ablehnen',
  declining: 'Wird abgelehnt …',
  keepDeciding: 'Nicht jetzt',
});
