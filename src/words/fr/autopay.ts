import type { Catalogue } from '../catalogue.ts';

export const autopay = (): Catalogue['autopay'] => ({
  title: 'AutoPay',
  collectFrom: 'Payer avec',
  turnOff: 'Désactiver AutoPay',
  schedule: 'Échéancier',
  installment: 'Échéance',
  installmentsFrom: 'Payer les échéances avec',
  agreeToSchedule: 'J’accepte cet échéancier',
});
