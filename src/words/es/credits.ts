import type { Catalogue } from '../catalogue.ts';

export const credits = (): Catalogue['credits'] => ({
  title: 'Saldo a favor',
  use: 'Usar su saldo',
  choose: '¿Qué facturas desea pagar con él?',
  pays: 'Su saldo paga',
  using: 'Usando el saldo…',
  nothing: 'Ahora no hay nada que pagar con él.',
  history: 'Historial del saldo',
});
