import type { Tongue } from '../tongue.ts';

/** One document on its page. */
export const paper = ({ plural }: Tongue) => ({
  billedTo: 'Bill to',
  shippedTo: 'Ship to',
  item: 'Item',
  items: ({ count }: { count: number }) => plural(count, { one: '# item', other: '# items' }),
  quantity: 'Quantity',
  price: 'Price',
  downloadPdf: 'Download PDF',
  payments: 'Payments',
});
