import type { SignInMethod } from '../en-US/access.ts';
import type { Tongue } from '../tongue.ts';
import type { Catalogue } from '../catalogue.ts';

export const access = ({ name, plural }: Tongue): Catalogue['access'] => ({
  signInTitle: 'تسجيل الدخول إلى حسابك',
  signInIntro: 'سنرسل إليك رابطًا بالبريد الإلكتروني. لا حاجة إلى كلمة مرور.',
  email: 'البريد الإلكتروني',
  emailPlaceholder: 'you@company.com',
  emailMissing: 'أدخل بريدك الإلكتروني.',
  emailTooLong: 'أدخل بريدًا إلكترونيًا لا يتجاوز 254 حرفًا.',
  sendLink: 'أرسل لي رابطًا',
  sending: 'جارٍ الإرسال…',
  signInHint: 'استخدم العنوان الذي تُرسل إليه فواتيرك.',
  notSignedIn: 'لم تسجّل الدخول بعد',

  checkMailTitle: 'تحقق من بريدك الإلكتروني',
  checkMailIntro: ({ email, minutes }) =>
    `إذا كان لدينا حساب مرتبط بالعنوان ${name(email)}، فقد أرسلنا إليه رابطًا. افتحه خلال ${plural(minutes, { zero: '# دقيقة', one: 'دقيقة واحدة', two: 'دقيقتين', few: '# دقائق', many: '# دقيقة', other: '# دقيقة' })}.`,
  otherBrowserTitle: 'أدخل الرمز أيضًا',
  otherBrowserIntro: ({ email }) =>
    `طلبت الرابط المرسل إلى ${name(email)} من متصفح آخر. أدخل الرمز الوارد في الرسالة نفسها لنتأكد من أنك صاحب الطلب.`,
  codeOr: 'أو أدخل الرمز الوارد في الرسالة',
  code: 'الرمز',
  codeMissing: 'أدخل الرمز الوارد في رسالتنا.',
  signIn: 'تسجيل الدخول',
  signingIn: 'جارٍ تسجيل الدخول…',
  otherEmail: 'استخدام عنوان آخر',
  checkMailHint: 'لم يصلك شيء؟ ابحث في مجلد الرسائل غير المرغوب فيها، أو اطلب رابطًا آخر بعد دقيقة.',

  confirmTitle: ({ merchant }) => `تسجيل الدخول إلى ${name(merchant)}`,
  confirmIntro: ({ email }) => `فتحت رابط تسجيل الدخول الذي أرسلناه إلى ${name(email)}.`,
  confirmAccountIntro: ({ account }) => `يسجّل هذا الرابط دخولك باسم ${name(account)}.`,
  confirmHint: 'يعمل الرابط مرة واحدة. إذا لم تطلبه فأغلق هذه الصفحة، ولم يحدث أي شيء.',
  chooseTitle: 'اختر حسابًا',
  chooseIntro: ({ email }) => `العنوان ${name(email)} مرتبط بأكثر من حساب. يمكنك التبديل لاحقًا.`,
  switchTitle: 'هناك شخص آخر مسجّل الدخول',
  switchIntro: ({ current, next }) =>
    `هذا المتصفح مسجّل الدخول باسم ${name(current)}. الرابط الذي فتحته مخصص لـ ${name(next)}.`,
  switchGo: ({ next }) => `التبديل إلى ${name(next)}`,
  switchStay: ({ current }) => `البقاء باسم ${name(current)}`,

  sessionsTitle: 'الأجهزة المسجّلة الدخول',
  sessionsIntro: 'سجّل الخروج من أي جلسة لا تعرفها.',
  thisDevice: 'هذا الجهاز',
  endSession: 'تسجيل الخروج',
  endAll: 'تسجيل الخروج من كل الأجهزة',
  endAllHint: 'ينهي كل الجلسات في هذه القائمة، بما فيها هذه الجلسة.',
  seen: ({ began, how, ago }) => `بدأت في ${began} ${METHOD[how]}، وآخر نشاط ${ago}`,
  browserOn: ({ browser, system }) => `${name(browser)} على ${name(system)}`,
  someBrowserOn: ({ system }) => `متصفح على ${name(system)}`,
  unknownBrowser: 'متصفح غير معروف',
});

const METHOD: Readonly<Record<SignInMethod, string>> = {
  magic_link: 'برابط تسجيل دخول',
  email_link: 'بالبريد الإلكتروني',
  email_code: 'برمز',
  view_link: 'من فاتورة',
  sign_up: 'عند التسجيل',
};
