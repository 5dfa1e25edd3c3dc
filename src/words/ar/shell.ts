import type { Tongue } from '../tongue.ts';
import type { Catalogue } from '../catalogue.ts';

export const shell = ({ name }: Tongue): Catalogue['shell'] => ({
  skipToContent: 'الانتقال إلى المحتوى',
  navLabel: 'التنقل الرئيسي',
  myAccount: 'حسابي',
  myAccountShort: 'الحساب',
  activity: 'النشاط',
  methods: 'طرق الدفع',
  methodsShort: 'الدفع',
  accountMenu: 'حسابك',
  signedInAs: 'مسجّل الدخول باسم',
  switchAccount: 'تبديل الحساب',
  devices: 'الأجهزة المسجّلة الدخول',
  signOut: 'تسجيل الخروج',
  contact: ({ merchant }) => `التواصل مع ${name(merchant)}`,
  language: 'اللغة',
  back: 'رجوع',
  copy: 'نسخ',
  copied: 'تم النسخ',
  optional: 'اختياري',
  show: 'عرض',
  oneMoment: 'لحظة من فضلك…',
  amount: 'المبلغ',
  date: 'التاريخ',
  history: 'السجل',
});
