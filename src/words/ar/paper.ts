import type { Tongue } from '../tongue.ts';
import type { Catalogue } from '../catalogue.ts';

export const paper = ({ plural }: Tongue): Catalogue['paper'] => ({
  billedTo: 'فاتورة إلى',
  shippedTo: 'الشحن إلى',
  item: 'البند',
  items: ({ count }) =>
    plural(count, {
      zero: 'لا بنود',
      one: 'بند واحد',
      two: 'بندان',
      few: '# بنود',
      many: '# بندًا',
      other: '# بند',
    }),
  quantity: 'الكمية',
  price: 'السعر',
  downloadPdf: 'تنزيل PDF',
  payments: 'الدفعات',
});
