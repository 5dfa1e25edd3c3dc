import type { Tongue } from '../tongue.ts';
import type { Catalogue } from '../catalogue.ts';

export const paper = ({ plural }: Tongue): Catalogue['paper'] => ({
  billedTo: 'Facturar a',
  shippedTo: 'Enviar a',
  item: 'Concepto',
  items: ({ count }) => plural(count, { one: '# concepto', other: '# conceptos' }),
  quantity: 'Cantidad',
  price: 'Precio',
  downloadPdf: 'Descargar PDF',
  payments: 'Pagos',
});
