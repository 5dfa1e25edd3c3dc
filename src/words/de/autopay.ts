import type { Catalogue } from '../catalogue.ts';

export const autopay = (): Catalogue['autopay'] => ({
  title: 'AutoPay',
  collectFrom: 'Bezahlen mit',
  turnOff: 'AutoPay ausschalten',
  schedule: 'Zahlungsplan',
  installment: 'Rate',
  installmentsFrom: 'Raten bezahlen mit',
  agreeToSchedule: 'Ich stimme diesem Zahlungsplan zu',
});
