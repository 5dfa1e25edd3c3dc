import type { Catalogue } from '../catalogue.ts';

export const estimates = (): Catalogue['estimates'] => ({
  approvalTitle: 'Su aprobación',
  initials: 'Sus iniciales',
  initialsHint: 'Cuentan como su firma. Las guardamos con la hora, su dirección IP y su navegador.',
  termsTitle: 'Condiciones',
  agreeToTerms: 'Acepto estas condiciones',
  approve: 'Aceptar presupuesto',
  approveAndPay: 'Aceptar y pagar',
  approving: 'Aceptando…',
  depositKept: 'Lo guardaremos como saldo a favor y lo usaremos para la factura.',
  howMuch: '¿Cuánto desea pagar ahora?',
  declineReason: '¿Por qué lo rechaza?',
  declineHint: 'Opcional',
  decline: 'Rechazar presupuesto',
  declining: 'Rechazando…',
  keepDeciding: 'Ahora no',
});
