import type { Catalogue } from '../catalogue.ts';

export const autopay = (): Catalogue['autopay'] => ({
  title: 'AutoPay',
  collectFrom: 'Pagar con',
  turnOff: 'Desactivar AutoPay',
  schedule: 'Calendario de pagos',
  installment: 'Plazo',
  installmentsFrom: 'Pagar los plazos con',
  agreeToSchedule: 'Acepto este calendario de pagos',
});
