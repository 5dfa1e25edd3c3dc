import type { Tongue } from '../tongue.ts';
import type { Catalogue } from '../catalogue.ts';

export const paper = ({ plural }: Tongue): Catalogue['paper'] => ({
  billedTo: 'Facturé à',
  shippedTo: 'Livré à',
  item: 'Article',
  items: ({ count }) => plural(count, { one: '# article', other: '# articles' }),
  quantity: 'Quantité',
  price: 'Prix',
  downloadPdf: 'Télécharger le PDF',
  payments: 'Paiements',
});
