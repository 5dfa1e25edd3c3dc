/** My account: what is owed, what needs attention, what was paid. */
export const account = () => ({
  balanceDue: 'Balance due',
  ageing: 'Open amounts by age',
  ageingWhen: 'Age',
  ageingCount: 'Invoices',
  payNow: 'Pay now',
  payInAdvance: 'Pay in advance',
  needsAttention: 'Needs your attention',
  recentPayments: 'Recent payments',
  allPayments: 'All payments',
  noPayments: 'No payments yet. You’ll see them here with their receipts.',
  billingDetails: 'Billing details',
  change: 'Change',
  questions: 'Questions?',
  noBillingDetails: 'We don’t have an address for you yet.',
});
