import type { Catalogue } from '../catalogue.ts';

export const credits = (): Catalogue['credits'] => ({
  title: 'الرصيد الدائن',
  use: 'استخدام رصيدك',
  choose: 'ما الفواتير التي تريد دفعها به؟',
  pays: 'رصيدك يدفع',
  using: 'جارٍ استخدام الرصيد…',
  nothing: 'لا يوجد ما تدفعه به حاليًا.',
  history: 'سجل الرصيد',
});
