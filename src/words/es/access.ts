import type { SignInMethod } from '../en-US/access.ts';
import type { Tongue } from '../tongue.ts';
import type { Catalogue } from '../catalogue.ts';

export const access = ({ name, plural }: Tongue): Catalogue['access'] => ({
  signInTitle: 'Acceda a su cuenta',
  signInIntro: 'Le enviaremos un enlace por correo electrónico. No necesita contraseña.',
  email: 'Correo electrónico',
  emailPlaceholder: 'usted@empresa.com',
  emailMissing: 'Introduzca su correo electrónico.',
  emailTooLong: 'Introduzca un correo electrónico de 254 caracteres como máximo.',
  sendLink: 'Enviarme un enlace',
  sending: 'Enviando…',
  signInHint: 'Use la dirección a la que se envían sus facturas.',
  notSignedIn: 'Todavía no ha accedido',

  checkMailTitle: 'Revise su correo',
  checkMailIntro: ({ email, minutes }) =>
    `Si hay una cuenta para ${name(email)}, le hemos enviado un enlace. Ábralo antes de ${plural(minutes, { one: '# minuto', other: '# minutos' })}.`,
  otherBrowserTitle: 'Introduzca también el código',
  otherBrowserIntro: ({ email }) =>
    `Pidió el enlace a ${name(email)} en otro navegador. Introduzca el código del mismo mensaje para que sepamos que es usted.`,
  codeOr: 'o introduzca el código del mensaje',
  code: 'Código',
  codeMissing: 'Introduzca el código de nuestro mensaje.',
  signIn: 'Acceder',
  signingIn: 'Accediendo…',
  otherEmail: 'Usar otra dirección',
  checkMailHint:
    '¿No ha llegado nada? Mire en la carpeta de correo no deseado o pida otro enlace dentro de un minuto.',

  confirmTitle: ({ merchant }) => `Acceder a ${name(merchant)}`,
  confirmIntro: ({ email }) => `Ha abierto el enlace de acceso que enviamos a ${name(email)}.`,
  confirmAccountIntro: ({ account }) => `Este enlace le da acceso como ${name(account)}.`,
  confirmHint: 'El enlace funciona una sola vez. Si no lo pidió, cierre esta página. No ha pasado nada.',
  chooseTitle: 'Elija una cuenta',
  chooseIntro: ({ email }) => `${name(email)} pertenece a varias cuentas. Puede cambiar más tarde.`,
  switchTitle: 'Hay otra persona conectada',
  switchIntro: ({ current, next }) =>
    `En este navegador ha accedido ${name(current)}. El enlace que ha abierto es para ${name(next)}.`,
  switchGo: ({ next }) => `Cambiar a ${name(next)}`,
  switchStay: ({ current }) => `Seguir como ${name(current)}`,

  sessionsTitle: 'Dónde ha accedido',
  sessionsIntro: 'Cierre las sesiones que no reconozca.',
  thisDevice: 'Este dispositivo',
  endSession: 'Cerrar sesión',
  endAll: 'Cerrar todas las sesiones',
  endAllHint: 'Cierra todas las sesiones de esta lista, también esta.',
  seen: ({ began, how, ago }) => `Acceso el ${began} ${METHOD[how]}, última actividad ${ago}`,
  browserOn: ({ browser, system }) => `${browser} en ${system}`,
  someBrowserOn: ({ system }) => `Un navegador en ${system}`,
  unknownBrowser: 'Un navegador desconocido',
});

const METHOD: Readonly<Record<SignInMethod, string>> = {
  magic_link: 'con un enlace de acceso',
  email_link: 'por correo electrónico',
  email_code: 'con un código',
  view_link: 'desde una factura',
  sign_up: 'al registrarse',
};
