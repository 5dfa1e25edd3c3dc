import type { Catalogue } from '../catalogue.ts';

export const estimates = (): Catalogue['estimates'] => ({
  approvalTitle: 'موافقتك',
  initials: 'الأحرف الأولى من اسمك',
  initialsHint: 'تُعد بمثابة توقيعك. نحتفظ بها مع الوقت وعنوان IP والمتصفح.',
  termsTitle: 'الشروط',
  agreeToTerms: 'أوافق على هذه الشروط',
  approve: 'الموافقة على عرض السعر',
  approveAndPay: 'الموافقة والدفع',
  approving: 'جارٍ تسجيل الموافقة…',
  depositKept: 'سنحتفظ بها رصيدًا لك ونستخدمها لسداد الفاتورة.',
  howMuch: 'كم تريد أن تدفع الآن؟',
  declineReason: 'لماذا ترفض؟',
  declineHint: 'اختياري',
  decline: 'رفض عرض السعر',
  declining: 'جارٍ الرفض…',
  keepDeciding: 'ليس الآن',
});
