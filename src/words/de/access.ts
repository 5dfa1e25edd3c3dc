import type { SignInMethod } from '../en-US/access.ts';
import type { Tongue } from '../tongue.ts';
import type { Catalogue } from '../catalogue.ts';

export const access = ({ name, plural }: Tongue): Catalogue['access'] => ({
  signInTitle: 'Bei Ihrem Konto anmelden',
  signInIntro: 'Wir senden Ihnen einen Link per E-Mail. Sie brauchen kein Passwort.',
  email: 'E-Mail-Adresse',
  emailPlaceholder: 'sie@firma.de',
  emailMissing: 'Geben Sie Ihre E-Mail-Adresse ein.',
  emailTooLong: 'Geben Sie eine E-Mail-Adresse mit höchstens 254 Zeichen ein.',
  sendLink: 'Link senden',
  sending: 'Wird gesendet …',
  signInHint: 'Verwenden Sie die Adresse, an die Ihre Rechnungen gehen.',
  notSignedIn: 'Sie sind noch nicht angemeldet',

  checkMailTitle: 'Sehen Sie in Ihr Postfach',
  checkMailIntro: ({ email, minutes }) =>
    `Wenn es für ${name(email)} ein Konto gibt, haben wir einen Link dorthin gesendet. Öffnen Sie ihn innerhalb von ${plural(minutes, { one: '# Minute', other: '# Minuten' })}.`,
  otherBrowserTitle: 'Geben Sie auch den Code ein',
  otherBrowserIntro: ({ email }) =>
    `Sie haben den Link an ${name(email)} in einem anderen Browser angefordert. Geben Sie den Code aus derselben Nachricht ein, damit wir wissen, dass Sie es sind.`,
  codeOr: 'oder geben Sie den Code aus der Nachricht ein',
  code: 'Code',
  codeMissing: 'Geben Sie den Code aus unserer Nachricht ein.',
  signIn: 'Anmelden',
  signingIn: 'Anmeldung läuft …',
  otherEmail: 'Andere Adresse verwenden',
  checkMailHint:
    'Nichts angekommen? Sehen Sie im Spam-Ordner nach oder fordern Sie in einer Minute einen neuen Link an.',

  confirmTitle: ({ merchant }) => `Bei ${name(merchant)} anmelden`,
  confirmIntro: ({ email }) =>
    `Sie haben den Anmeldelink geöffnet, den wir an ${name(email)} gesendet haben.`,
  confirmAccountIntro: ({ account }) => `Mit diesem Link melden Sie sich als ${name(account)} an.`,
  confirmHint:
    'Der Link funktioniert einmal. Wenn Sie ihn nicht angefordert haben, schließen Sie diese Seite. Es ist nichts geschehen.',
  chooseTitle: 'Konto auswählen',
  chooseIntro: ({ email }) => `${name(email)} gehört zu mehreren Konten. Sie können später wechseln.`,
  switchTitle: 'Es ist bereits jemand angemeldet',
  switchIntro: ({ current, next }) =>
    `In diesem Browser ist ${name(current)} angemeldet. Der geöffnete Link ist für ${name(next)}.`,
  switchGo: ({ next }) => `Zu ${name(next)} wechseln`,
  switchStay: ({ current }) => `Als ${name(current)} angemeldet bleiben`,

  sessionsTitle: 'Wo Sie angemeldet sind',
  sessionsIntro: 'Melden Sie ab, was Sie nicht erkennen.',
  thisDevice: 'Dieses Gerät',
  endSession: 'Abmelden',
  endAll: 'Überall abmelden',
  endAllHint: 'Beendet jede Sitzung in dieser Liste, auch diese.',
  seen: ({ began, how, ago }) => `Angemeldet am ${began} ${METHOD[how]}, zuletzt aktiv ${ago}`,
  browserOn: ({ browser, system }) => `${browser} unter ${system}`,
  someBrowserOn: ({ system }) => `Ein Browser unter ${system}`,
  unknownBrowser: 'Ein unbekannter Browser',
});

const METHOD: Readonly<Record<SignInMethod, string>> = {
  magic_link: 'mit einem Anmeldelink',
  email_link: 'per E-Mail',
  email_code: 'mit einem Code',
  view_link: 'über eine Rechnung',
  sign_up: 'bei der Registrierung',
};
