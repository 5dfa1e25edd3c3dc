/** Approving and declining estimates. */
export const estimates = () => ({
  approvalTitle: 'Your approval',
  initials: 'Your initials',
  initialsHint: 'They count as your signature. We keep them with the time, your IP address and your browser.',
  termsTitle: 'Terms',
  agreeToTerms: 'I agree to these terms',
  approve: 'Approve estimate',
  approveAndPay: 'Approve and pay',
  approving: 'Approving…',
  depositKept: 'We’ll keep it as credit and use it for the invoice.',
  howMuch: 'How much would you like to pay now?',
  declineReason: 'Why are you declining?',
  declineHint: 'Optional',
  decline: 'Decline estimate',
  declining: 'Declining…',
  keepDeciding: 'Not now',
});
