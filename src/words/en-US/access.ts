import type { Tongue } from '../tongue.ts';

/** Signing in, several accounts, and where somebody is signed in. */
export const access = ({ name, plural }: Tongue) => ({
  signInTitle: 'Sign in to your account',
  signInIntro: 'We’ll email you a link. There’s no password to remember.',
  email: 'Email address',
  emailPlaceholder: 'you@company.com',
  emailMissing: 'Enter your email address.',
  emailTooLong: 'Enter an email address of 254 characters or fewer.',
  sendLink: 'Email me a link',
  sending: 'Sending…',
  signInHint: 'Use the address your invoices are sent to.',
  notSignedIn: 'You’re not signed in yet',

  checkMailTitle: 'Check your email',
  checkMailIntro: ({ email, minutes }: { email: string; minutes: number }) =>
    `If we have an account for ${name(email)}, we’ve sent you a link. Open it within ${plural(minutes, { one: '# minute', other: '# minutes' })}.`,
  otherBrowserTitle: 'Enter the code as well',
  otherBrowserIntro: ({ email }: { email: string }) =>
    `You asked for the link to ${name(email)} in another browser. Enter the code from the same message so we know it’s you.`,
  codeOr: 'or enter the code from the message',
  code: 'Code',
  codeMissing: 'Enter the code from our message.',
  signIn: 'Sign in',
  signingIn: 'Signing in…',
  otherEmail: 'Use a different address',
  checkMailHint: 'Nothing there? Check your spam folder, or ask for another link in a minute.',

  confirmTitle: ({ merchant }: { merchant: string }) => `Sign in to ${name(merchant)}`,
  confirmIntro: ({ email }: { email: string }) => `You opened the sign-in link we sent to ${name(email)}.`,
  confirmAccountIntro: ({ account }: { account: string }) => `This link signs you in as ${name(account)}.`,
  confirmHint: 'The link works once. If you didn’t ask for it, close this page. Nothing has happened.',
  chooseTitle: 'Choose an account',
  chooseIntro: ({ email }: { email: string }) =>
    `${name(email)} belongs to more than one account. You can switch later.`,
  switchTitle: 'Someone else is signed in',
  switchIntro: ({ current, next }: { current: string; next: string }) =>
    `This browser is signed in as ${name(current)}. The link you opened is for ${name(next)}.`,
  switchGo: ({ next }: { next: string }) => `Switch to ${name(next)}`,
  switchStay: ({ current }: { current: string }) => `Stay signed in as ${name(current)}`,

  sessionsTitle: 'Where you’re signed in',
  sessionsIntro: 'Sign out of anything you don’t recognize.',
  thisDevice: 'This device',
  endSession: 'Sign out',
  endAll: 'Sign out everywhere',
  endAllHint: 'This signs you out of every session in this list, including this one.',
  seen: ({ began, how, ago }: { began: string; how: SignInMethod; ago: string }) =>
    `Signed in ${began} ${METHOD[how]}, last active ${ago}`,
  browserOn: ({ browser, system }: { browser: string; system: string }) => `${browser} on ${system}`,
  someBrowserOn: ({ system }: { system: string }) => `A browser on ${system}`,
  unknownBrowser: 'An unknown browser',
});

/** How a session began. */
export type SignInMethod = 'magic_link' | 'email_link' | 'email_code' | 'view_link' | 'sign_up';

const METHOD: Readonly<Record<SignInMethod, string>> = {
  magic_link: 'with a sign-in link',
  email_link: 'by email',
  email_code: 'with a code',
  view_link: 'from an invoice',
  sign_up: 'by signing up',
};
