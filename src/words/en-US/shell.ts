import type { Tongue } from '../tongue.ts';

/** What stands around every page, and on more than one. */
export const shell = ({ name }: Tongue) => ({
  skipToContent: 'Skip to content',
  navLabel: 'Main',
  myAccount: 'My account',
  myAccountShort: 'Account',
  activity: 'Activity',
  methods: 'Payment methods',
  methodsShort: 'Methods',
  accountMenu: 'Your account',
  signedInAs: 'Signed in as',
  switchAccount: 'Switch account',
  devices: 'Where you’re signed in',
  signOut: 'Sign out',
  contact: ({ merchant }: { merchant: string }) => `Contact ${name(merchant)}`,
  language: 'Language',
  back: 'Back',
  copy: 'Copy',
  copied: 'Copied',
  optional: 'Optional',
  show: 'Show',
  oneMoment: 'One moment…',
  amount: 'Amount',
  date: 'Date',
  history: 'History',
});
