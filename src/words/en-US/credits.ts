/** Credit, and what it pays. */
export const credits = () => ({
  title: 'Credit',
  use: 'Use your credit',
  choose: 'Which invoices would you like to pay with it?',
  pays: 'Your credit pays',
  using: 'Using credit…',
  nothing: 'You have nothing to pay with it right now.',
  history: 'Credit history',
});
