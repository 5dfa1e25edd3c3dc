import type { Catalogue } from '../catalogue.ts';

export const autopay = (): Catalogue['autopay'] => ({
  title: 'الدفع التلقائي (AutoPay)',
  collectFrom: 'الدفع بواسطة',
  turnOff: 'إيقاف AutoPay',
  schedule: 'جدول الدفعات',
  installment: 'القسط',
  installmentsFrom: 'دفع الأقساط بواسطة',
  agreeToSchedule: 'أوافق على جدول الدفعات هذا',
});
