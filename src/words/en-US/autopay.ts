/** AutoPay and payment plans. */
export const autopay = () => ({
  title: 'AutoPay',
  collectFrom: 'Pay with',
  turnOff: 'Turn off AutoPay',
  schedule: 'Payment schedule',
  installment: 'Installment',
  installmentsFrom: 'Pay the installments with',
  agreeToSchedule: 'I agree to this payment schedule',
});
