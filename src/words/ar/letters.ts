import type { Tongue } from '../tongue.ts';
import type { Catalogue } from '../catalogue.ts';

export const letters = ({ name, plural }: Tongue): Catalogue['letters'] => ({
  questionsByEmail: ({ email }) => `هل لديك أسئلة؟ ردّ على هذه الرسالة أو راسلنا على ${name(email)}.`,
  questionsByEmailOrPhone: ({ email, phone }) =>
    `هل لديك أسئلة؟ ردّ على هذه الرسالة، أو راسلنا على ${name(email)}، أو اتصل بالرقم ${name(phone)}.`,
  questionsByPhone: ({ phone }) => `هل لديك أسئلة؟ اتصل بالرقم ${name(phone)}.`,
  questionsTo: ({ merchant }) => `هل لديك أسئلة؟ تواصل مع ${name(merchant)}.`,
  addressLine: ({ lines }) => lines.map(name).join('، '),
  labelled: ({ label, value }) => `${label}: ${value}`,
  labelledWithNote: ({ label, value, note }) => `${label}: ${value} (${note})`,
  invoice: ({ number }) => `الفاتورة ${name(number)}`,
  invoices: ({ count }) =>
    plural(count, {
      zero: 'لا فواتير',
      one: 'فاتورة واحدة',
      two: 'فاتورتان',
      few: '# فواتير',
      many: '# فاتورة',
      other: '# فاتورة',
    }),
  fee: 'الرسوم',
  total: 'الإجمالي',
  fromMethod: ({ method }) => `من ${name(method)}`,
  yourMethod: 'طريقة الدفع الخاصة بك',
  viewReceipt: 'عرض الإيصال',
  payNow: 'ادفع الآن',
  paymentReason: ({ merchant, customer }) =>
    `وصلتك هذه الرسالة لأن دفعة أُجريت إلى ${name(merchant)} لحساب ${name(customer)}.`,
  autopayReason: ({ merchant, customer }) =>
    `وصلتك هذه الرسالة لأن فواتير ${name(merchant)} إلى ${name(customer)} تُدفع عبر AutoPay.`,

  signInTo: ({ merchant }) => `تسجيل الدخول إلى ${name(merchant)}`,
  signInPreheader: ({ until }) => `يعمل الرابط مرة واحدة، حتى ${name(until)}.`,
  signInButtonIntro: ({ until }) => `افتح بوابة الفوترة بهذا الزر. يعمل مرة واحدة، حتى ${name(until)}.`,
  signInLinkIntro: ({ until }) => `افتح بوابة الفوترة بهذا الرابط. يعمل مرة واحدة، حتى ${name(until)}.`,
  signIn: 'تسجيل الدخول',
  signInCodeIntro: 'هل تقرأ هذه الرسالة على جهاز آخر؟ أدخل هذا الرمز حيث طلبت تسجيل الدخول:',
  signInWarning: ({ at, from }) =>
    `طُلب في ${name(at)} من ${name(from)}. إذا لم تكن أنت من طلبه فتجاهل هذه الرسالة: لا يمكن لأحد تسجيل الدخول من دونها. لا تشارك الرمز مع أحد. لن نطلبه منك.`,
  signInReason: ({ host, merchant }) =>
    `وصلتك هذه الرسالة لأن أحدًا طلب تسجيل الدخول إلى ${name(host)} بعنوانك المسجّل لدى ${name(merchant)}.`,

  receiptSubject: ({ number, total, merchant }) => `الإيصال ${name(number)}: ${total} إلى ${name(merchant)}`,
  receipt: ({ number }) => `الإيصال ${name(number)}`,
  thanks: 'شكرًا على دفعتك',
  onItsWay: 'دفعتك في الطريق',
  paidInvoice: ({ total, method, date, number }) =>
    `دُفع ${total} عبر ${name(method)} في ${date} عن الفاتورة ${name(number)}.`,
  paidInvoices: ({ total, method, date, count }) =>
    `دُفع ${total} عبر ${name(method)} في ${date} عن ${plural(count, FOR_INVOICES)}.`,
  paidDeposit: ({ total, method, date, number }) =>
    `دُفع ${total} عبر ${name(method)} في ${date} عربونًا لعرض السعر ${name(number)}.`,
  paidInAdvance: ({ total, method, date }) =>
    `دُفع ${total} عبر ${name(method)} في ${date} وأُضيف إلى رصيد حسابك.`,
  paidOnWith: ({ date, method }) => `دُفع في ${date} عبر ${name(method)}`,
  totalPaid: 'إجمالي المدفوع',
  paidFor: 'دُفع لحساب',
  account: 'الحساب',
  attached: 'المرفق',
  pending: 'لم يؤكد البنك الدفعة بعد. لا يلزمك فعل أي شيء. لن نراسلك مجددًا إلا إذا لم تصل.',
  stillDue: ({ amount }) => `المتبقي: ${amount}`,
  depositFor: ({ number }) => `عربون لعرض السعر ${name(number)}`,
  depositKept: 'محفوظ لفاتورته',
  accountCredit: 'رصيد في الحساب',
  creditKept: 'محفوظ لفواتيرك القادمة',

  failedSubject: ({ total, number }) => `تعذّر تحصيل ${total} عن الفاتورة ${name(number)}`,
  failedSubjectMany: ({ total, count }) => `تعذّر تحصيل ${total} عن ${plural(count, FOR_INVOICES)}`,
  failedTitle: 'لم تتم عملية الدفع',
  failedIntro: ({ total, number }) => `لم تتم عملية دفع ${total} عن الفاتورة ${name(number)}.`,
  failedIntroMany: ({ total, count }) => `لم تتم عملية دفع ${total} عن ${plural(count, FOR_INVOICES)}.`,
  failedReason: 'رُفضت عملية الدفع.',
  nextTry: ({ date }) => `سنحاول مرة أخرى في ${date}.`,
  lastTry: ({ number }) =>
    `لن نحاول مرة أخرى تلقائيًا. يُرجى دفع الفاتورة ${name(number)} أو استخدام طريقة دفع أخرى.`,
  lastTryMany: ({ count }) =>
    plural(count, {
      zero: 'لن نحاول مرة أخرى تلقائيًا. يُرجى دفع الفواتير أو استخدام طريقة دفع أخرى.',
      one: 'لن نحاول مرة أخرى تلقائيًا. يُرجى دفع الفاتورة أو استخدام طريقة دفع أخرى.',
      two: 'لن نحاول مرة أخرى تلقائيًا. يُرجى دفع الفاتورتين أو استخدام طريقة دفع أخرى.',
      few: 'لن نحاول مرة أخرى تلقائيًا. يُرجى دفع الفواتير (#) أو استخدام طريقة دفع أخرى.',
      many: 'لن نحاول مرة أخرى تلقائيًا. يُرجى دفع الفواتير (#) أو استخدام طريقة دفع أخرى.',
      other: 'لن نحاول مرة أخرى تلقائيًا. يُرجى دفع الفواتير (#) أو استخدام طريقة دفع أخرى.',
    }),
  updateMethod: 'تغيير طريقة الدفع',
  updateHint: 'فور إضافة طريقة دفع جديدة سنحاول مرة أخرى ونعرض لك إن نجحت العملية.',
  more: ({ count }) =>
    plural(count, {
      zero: 'ولا فواتير أخرى',
      one: 'وفاتورة أخرى',
      two: 'وفاتورتان أخريان',
      few: 'و# فواتير أخرى',
      many: 'و# فاتورة أخرى',
      other: 'و# فاتورة أخرى',
    }),
  nextTryLabel: 'المحاولة التالية',
  noNextTry: 'لا توجد',

  expiringSubject: ({ method, date }) => `تنتهي صلاحية ${name(method)} في ${date}`,
  expiringKicker: 'AutoPay',
  expiringTitle: 'تنتهي صلاحية بطاقتك قريبًا',
  goodUntil: ({ date }) => `صالحة حتى ${date}`,
  expiringIntro: ({ method, date }) => `البطاقة ${name(method)} صالحة حتى ${date}.`,
  expiringUse: ({ merchant, method }) =>
    `تُدفع فواتيرك من ${name(merchant)} تلقائيًا بالبطاقة ${name(method)}. لا يمكننا الخصم منها بعد ذلك التاريخ.`,
  expiringNext: 'أضف بطاقة أخرى قبل ذلك لتستمر فواتيرك في الدفع تلقائيًا.',
  addCard: 'إضافة بطاقة',

  returnedSubject: ({ total }) => `أعاد البنك دفعتك بقيمة ${total}`,
  bankAccount: 'حساب مصرفي',
  returnedTitle: 'لم تصل دفعتك',
  returnedReason: 'أعاد البنك عملية الخصم.',
  returnedNext: 'لم يُخصم أي مبلغ. عادت الفواتير المعنية مستحقة: يُرجى دفعها من حساب آخر أو ببطاقة.',

  refundSubject: ({ merchant, amount, number }) =>
    `ردّ ${name(merchant)} مبلغ ${amount} من الدفعة ${name(number)}`,
  payment: ({ number }) => `الدفعة ${name(number)}`,
  refundTitle: 'المبلغ المسترد في الطريق إليك',
  toMethod: ({ method }) => `إلى ${name(method)}`,
  refundNext: 'يعود المبلغ إلى طريقة الدفع التي استخدمتها. قد يستغرق ظهوره لدى البنك بضعة أيام.',
  paidOn: ({ date }) => `دُفع في ${date}`,
});

/** Invoices in each of the six forms, as they follow a preposition. */
const FOR_INVOICES: Readonly<Record<Intl.LDMLPluralRule, string>> = {
  zero: '# فاتورة',
  one: 'فاتورة واحدة',
  two: 'فاتورتين',
  few: '# فواتير',
  many: '# فاتورة',
  other: '# فاتورة',
};
