import type { Catalogue } from '../catalogue.ts';

export const promises = (): Catalogue['promises'] => ({
  howToPay: 'كيفية الدفع',
  reference: 'المرجع المطلوب ذكره',
  copyReference: 'نسخ المرجع',
  whenPaid: 'متى ستدفع؟',
  expectedDate: 'تاريخ الوصول المتوقع',
  ownReference: 'مرجعك',
  note: 'رسالة إلينا',
  promise: 'أبلغنا',
  change: 'تحديث',
  saving: 'جارٍ الحفظ…',
});
