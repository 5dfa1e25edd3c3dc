/** Money that comes another way: how to send it, and when it is promised. */
export const promises = () => ({
  howToPay: 'How to pay',
  reference: 'Reference to use',
  copyReference: 'Copy reference',
  whenPaid: 'When will you pay?',
  expectedDate: 'Expected arrival date',
  ownReference: 'Your reference',
  note: 'Message to us',
  promise: 'Let us know',
  change: 'Update',
  saving: 'Saving…',
});
