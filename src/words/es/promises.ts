import type { Catalogue } from '../catalogue.ts';

export const promises = (): Catalogue['promises'] => ({
  howToPay: 'Cómo pagar',
  reference: 'Referencia que debe indicar',
  copyReference: 'Copiar referencia',
  whenPaid: '¿Cuándo va a pagar?',
  expectedDate: 'Fecha de llegada prevista',
  ownReference: 'Su referencia',
  note: 'Mensaje para nosotros',
  promise: 'Avisarnos',
  change: 'Actualizar',
  saving: 'Guardando…',
});
