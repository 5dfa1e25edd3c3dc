import type { SignInMethod } from '../en-US/access.ts';
import type { Tongue } from '../tongue.ts';
import type { Catalogue } from '../catalogue.ts';

export const access = ({ name, plural }: Tongue): Catalogue['access'] => ({
  signInTitle: 'Connectez-vous à votre compte',
  signInIntro: 'Nous vous envoyons un lien par e-mail. Aucun mot de passe à retenir.',
  email: 'Adresse e-mail',
  emailPlaceholder: 'vous@entreprise.fr',
  emailMissing: 'Saisissez votre adresse e-mail.',
  emailTooLong: 'Saisissez une adresse e-mail de 254 caractères au maximum.',
  sendLink: 'Recevoir un lien',
  sending: 'Envoi en cours…',
  signInHint: 'Utilisez l’adresse à laquelle vos factures sont envoyées.',
  notSignedIn: 'Vous n’êtes pas encore connecté',

  checkMailTitle: 'Consultez votre messagerie',
  checkMailIntro: ({ email, minutes }) =>
    `Si nous avons un compte pour ${name(email)}, un lien vient d’y être envoyé. Ouvrez-le dans un délai de ${plural(minutes, { one: '# minute', other: '# minutes' })}.`,
  otherBrowserTitle: 'Saisissez aussi le code',
  otherBrowserIntro: ({ email }) =>
    `Vous avez demandé le lien envoyé à ${name(email)} dans un autre navigateur. Saisissez le code du même message afin que nous sachions que c’est vous.`,
  codeOr: 'ou saisissez le code du message',
  code: 'Code',
  codeMissing: 'Saisissez le code reçu dans notre message.',
  signIn: 'Se connecter',
  signingIn: 'Connexion…',
  otherEmail: 'Utiliser une autre adresse',
  checkMailHint:
    'Rien reçu ? Regardez dans les courriers indésirables ou demandez un autre lien dans une minute.',

  confirmTitle: ({ merchant }) => `Se connecter à ${name(merchant)}`,
  confirmIntro: ({ email }) => `Vous avez ouvert le lien de connexion envoyé à ${name(email)}.`,
  confirmAccountIntro: ({ account }) => `Ce lien vous connecte en tant que ${name(account)}.`,
  confirmHint:
    'Le lien ne fonctionne qu’une fois. Si vous ne l’avez pas demandé, fermez cette page. Rien ne s’est passé.',
  chooseTitle: 'Choisissez un compte',
  chooseIntro: ({ email }) =>
    `${name(email)} est associée à plusieurs comptes. Vous pourrez en changer plus tard.`,
  switchTitle: 'Quelqu’un d’autre est connecté',
  switchIntro: ({ current, next }) =>
    `Ce navigateur est connecté en tant que ${name(current)}. Le lien que vous avez ouvert est destiné à ${name(next)}.`,
  switchGo: ({ next }) => `Passer à ${name(next)}`,
  switchStay: ({ current }) => `Rester connecté en tant que ${name(current)}`,

  sessionsTitle: 'Où vous êtes connecté',
  sessionsIntro: 'Déconnectez ce que vous ne reconnaissez pas.',
  thisDevice: 'Cet appareil',
  endSession: 'Se déconnecter',
  endAll: 'Se déconnecter partout',
  endAllHint: 'Met fin à toutes les sessions de cette liste, y compris celle-ci.',
  seen: ({ began, how, ago }) => `Connexion le ${began} ${METHOD[how]}, dernière activité ${ago}`,
  browserOn: ({ browser, system }) => `${browser} sous ${system}`,
  someBrowserOn: ({ system }) => `Un navigateur sous ${system}`,
  unknownBrowser: 'Un navigateur inconnu',
});

const METHOD: Readonly<Record<SignInMethod, string>> = {
  magic_link: 'avec un lien de connexion',
  email_link: 'par e-mail',
  email_code: 'avec un code',
  view_link: 'depuis une facture',
  sign_up: 'lors de l’inscription',
};
