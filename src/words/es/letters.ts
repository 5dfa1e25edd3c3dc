import type { Tongue } from '../tongue.ts';
import type { Catalogue } from '../catalogue.ts';

export const letters = ({ name, plural }: Tongue): Catalogue['letters'] => ({
  questionsByEmail: ({ email }) =>
    `¿Tiene alguna pregunta? Responda a este correo o escriba a ${name(email)}.`,
  questionsByEmailOrPhone: ({ email, phone }) =>
    `¿Tiene alguna pregunta? Responda a este correo, escriba a ${name(email)} o llame al ${name(phone)}.`,
  questionsByPhone: ({ phone }) => `¿Tiene alguna pregunta? Llame al ${name(phone)}.`,
  questionsTo: ({ merchant }) => `¿Tiene alguna pregunta? Póngase en contacto con ${name(merchant)}.`,
  addressLine: ({ lines }) => lines.map(name).join(', '),
  labelled: ({ label, value }) => `${label}: ${value}`,
  labelledWithNote: ({ label, value, note }) => `${label}: ${value} (${note})`,
  invoice: ({ number }) => `Factura ${name(number)}`,
  invoices: ({ count }) => plural(count, { one: '# factura', other: '# facturas' }),
  fee: 'Comisión',
  total: 'Importe total',
  fromMethod: ({ method }) => `Desde ${name(method)}`,
  yourMethod: 'su forma de pago',
  viewReceipt: 'Ver recibo',
  payNow: 'Pagar ahora',
  paymentReason: ({ merchant, customer }) =>
    `Recibe este correo porque se ha hecho un pago a ${name(merchant)} por cuenta de ${name(customer)}.`,
  autopayReason: ({ merchant, customer }) =>
    `Recibe este correo porque ${name(customer)} paga con AutoPay las facturas de ${name(merchant)}.`,

  signInTo: ({ merchant }) => `Acceda a ${name(merchant)}`,
  signInPreheader: ({ until }) => `El enlace funciona una sola vez, hasta las ${name(until)}.`,
  signInButtonIntro: ({ until }) =>
    `Abra su portal de facturación con este botón. Funciona una sola vez, hasta las ${name(until)}.`,
  signInLinkIntro: ({ until }) =>
    `Abra su portal de facturación con este enlace. Funciona una sola vez, hasta las ${name(until)}.`,
  signIn: 'Acceder',
  signInCodeIntro: '¿Lee esto en otro dispositivo? Introduzca este código donde pidió acceder:',
  signInWarning: ({ at, from }) =>
    `Solicitado a las ${name(at)} desde ${name(from)}. Si no fue usted, puede ignorar este correo: nadie puede acceder sin él. No comparta nunca el código. Nosotros no se lo pediremos.`,
  signInReason: ({ host, merchant }) =>
    `Recibe este correo porque alguien ha pedido acceder a ${name(host)} con su dirección, que figura en los registros de ${name(merchant)}.`,

  receiptSubject: ({ number, total, merchant }) => `Recibo ${name(number)}: ${total} a ${name(merchant)}`,
  receipt: ({ number }) => `Recibo ${name(number)}`,
  thanks: 'Gracias por su pago',
  onItsWay: 'Su pago está en camino',
  paidInvoice: ({ total, method, date, number }) =>
    `${total} pagados con ${name(method)} el ${date} por la factura ${name(number)}.`,
  paidInvoices: ({ total, method, date, count }) =>
    `${total} pagados con ${name(method)} el ${date} por ${plural(count, { one: '# factura', other: '# facturas' })}.`,
  paidDeposit: ({ total, method, date, number }) =>
    `${total} pagados con ${name(method)} el ${date} como anticipo del presupuesto ${name(number)}.`,
  paidInAdvance: ({ total, method, date }) =>
    `${total} pagados con ${name(method)} el ${date}, abonados como crédito en su cuenta.`,
  paidOnWith: ({ date, method }) => `Pagado el ${date} con ${name(method)}`,
  totalPaid: 'Total pagado',
  paidFor: 'Pagado por cuenta de',
  account: 'Cuenta',
  attached: 'Adjunto',
  pending:
    'Su banco aún no lo ha confirmado. No tiene que hacer nada. Solo le escribiremos de nuevo si no llega.',
  stillDue: ({ amount }) => `Pendiente: ${amount}`,
  depositFor: ({ number }) => `Anticipo del presupuesto ${name(number)}`,
  depositKept: 'Reservado para su factura',
  accountCredit: 'Crédito en la cuenta',
  creditKept: 'Reservado para sus próximas facturas',

  failedSubject: ({ total, number }) => `No hemos podido cobrar ${total} de la factura ${name(number)}`,
  failedSubjectMany: ({ total, count }) =>
    `No hemos podido cobrar ${total} de ${plural(count, { one: '# factura', other: '# facturas' })}`,
  failedTitle: 'Su pago no se ha realizado',
  failedIntro: ({ total, number }) =>
    `Su pago de ${total} por la factura ${name(number)} no se ha realizado.`,
  failedIntroMany: ({ total, count }) =>
    `Su pago de ${total} por ${plural(count, { one: '# factura', other: '# facturas' })} no se ha realizado.`,
  failedReason: 'El pago ha sido rechazado.',
  nextTry: ({ date }) => `Lo intentaremos de nuevo el ${date}.`,
  lastTry: ({ number }) =>
    `No volveremos a intentarlo automáticamente. Pague la factura ${name(number)} o utilice otra forma de pago.`,
  lastTryMany: ({ count }) =>
    plural(count, {
      one: 'No volveremos a intentarlo automáticamente. Pague la factura o utilice otra forma de pago.',
      other: 'No volveremos a intentarlo automáticamente. Pague las # facturas o utilice otra forma de pago.',
    }),
  updateMethod: 'Cambiar la forma de pago',
  updateHint:
    'En cuanto añada otra forma de pago, lo intentaremos de nuevo y verá enseguida si ha funcionado.',
  more: ({ count }) => plural(count, { one: 'Y # más', other: 'Y # más' }),
  nextTryLabel: 'Próximo intento',
  noNextTry: 'Ninguno',

  expiringSubject: ({ method, date }) => `${name(method)} caduca el ${date}`,
  expiringKicker: 'AutoPay',
  expiringTitle: 'Su tarjeta caduca pronto',
  goodUntil: ({ date }) => `Válida hasta el ${date}`,
  expiringIntro: ({ method, date }) => `${name(method)} es válida hasta el ${date}.`,
  expiringUse: ({ merchant, method }) =>
    `Sus facturas de ${name(merchant)} se pagan automáticamente con ${name(method)}. Después de esa fecha no podremos usarla.`,
  expiringNext: 'Añada otra tarjeta antes y sus facturas se seguirán pagando automáticamente.',
  addCard: 'Añadir una tarjeta',

  returnedSubject: ({ total }) => `Su banco ha devuelto su pago de ${total}`,
  bankAccount: 'Cuenta bancaria',
  returnedTitle: 'Su pago no ha llegado',
  returnedReason: 'Su banco ha devuelto el adeudo.',
  returnedNext:
    'No se le ha cobrado nada. Las facturas correspondientes vuelven a estar pendientes: páguelas desde otra cuenta o con tarjeta.',

  refundSubject: ({ merchant, amount, number }) =>
    `${name(merchant)} ha reembolsado ${amount} del pago ${name(number)}`,
  payment: ({ number }) => `Pago ${name(number)}`,
  refundTitle: 'Su reembolso está en camino',
  toMethod: ({ method }) => `A ${name(method)}`,
  refundNext:
    'El importe vuelve a la forma de pago que utilizó. Su banco puede tardar unos días en mostrarlo.',
  paidOn: ({ date }) => `Pagado el ${date}`,
});
