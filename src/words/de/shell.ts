import type { Tongue } from '../tongue.ts';
import type { Catalogue } from '../catalogue.ts';

export const shell = ({ name }: Tongue): Catalogue['shell'] => ({
  skipToContent: 'Zum Inhalt springen',
  navLabel: 'Hauptnavigation',
  myAccount: 'Mein Konto',
  myAccountShort: 'Konto',
  activity: 'Vorgänge',
  methods: 'Zahlungsarten',
  methodsShort: 'Zahlungsarten',
  accountMenu: 'Ihr Konto',
  signedInAs: 'Angemeldet als',
  switchAccount: 'Konto wechseln',
  devices: 'Wo Sie angemeldet sind',
  signOut: 'Abmelden',
  contact: ({ merchant }) => `${name(merchant)} kontaktieren`,
  language: 'Sprache',
  back: 'Zurück',
  copy: 'Kopieren',
  copied: 'Kopiert',
  optional: 'Optional',
  show: 'Anzeigen',
  oneMoment: 'Einen Moment …',
  amount: 'Betrag',
  date: 'Datum',
  history: 'Verlauf',
});
