import type { Catalogue } from '../catalogue.ts';

export const account = (): Catalogue['account'] => ({
  balanceDue: 'Saldo pendiente',
  ageing: 'Importes pendientes por antigüedad',
  ageingWhen: 'Antigüedad',
  ageingCount: 'Facturas',
  payNow: 'Pagar ahora',
  payInAdvance: 'Pagar por adelantado',
  needsAttention: 'Requiere su atención',
  recentPayments: 'Pagos recientes',
  allPayments: 'Todos los pagos',
  noPayments: 'Todavía no hay pagos. Los verá aquí con sus recibos.',
  billingDetails: 'Datos de facturación',
  change: 'Cambiar',
  questions: '¿Tiene preguntas?',
  noBillingDetails: 'Todavía no tenemos su dirección.',
});
