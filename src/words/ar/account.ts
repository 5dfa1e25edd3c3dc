import type { Catalogue } from '../catalogue.ts';

export const account = (): Catalogue['account'] => ({
  balanceDue: 'الرصيد المستحق',
  ageing: 'المبالغ المستحقة حسب العمر',
  ageingWhen: 'العمر',
  ageingCount: 'الفواتير',
  payNow: 'ادفع الآن',
  payInAdvance: 'الدفع مقدمًا',
  needsAttention: 'يتطلب انتباهك',
  recentPayments: 'أحدث الدفعات',
  allPayments: 'كل الدفعات',
  noPayments: 'لا توجد دفعات بعد. ستظهر هنا مع إيصالاتها.',
  billingDetails: 'بيانات الفوترة',
  change: 'تعديل',
  questions: 'هل لديك أسئلة؟',
  noBillingDetails: 'ليس لدينا عنوان لك بعد.',
});
