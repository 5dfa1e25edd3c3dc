import type { Tongue } from '../tongue.ts';
import type { Catalogue } from '../catalogue.ts';

export const paper = ({ plural }: Tongue): Catalogue['paper'] => ({
  billedTo: 'Rechnung an',
  shippedTo: 'Lieferung an',
  item: 'Position',
  items: ({ count }) => plural(count, { one: '# Position', other: '# Positionen' }),
  quantity: 'Menge',
  price: 'Preis',
  downloadPdf: 'PDF herunterladen',
  payments: 'Zahlungen',
});
