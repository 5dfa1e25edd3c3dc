import type { Tongue } from '../tongue.ts';
import type { Catalogue } from '../catalogue.ts';

export const shell = ({ name }: Tongue): Catalogue['shell'] => ({
  skipToContent: 'Aller au contenu',
  navLabel: 'Navigation principale',
  myAccount: 'Mon compte',
  myAccountShort: 'Compte',
  activity: 'Activité',
  methods: 'Moyens de paiement',
  methodsShort: 'Paiement',
  accountMenu: 'Votre compte',
  signedInAs: 'Connecté en tant que',
  switchAccount: 'Changer de compte',
  devices: 'Où vous êtes connecté',
  signOut: 'Se déconnecter',
  contact: ({ merchant }) => `Contacter ${name(merchant)}`,
  language: 'Langue',
  back: 'Retour',
  copy: 'Copier',
  copied: 'Copié',
  optional: 'Facultatif',
  show: 'Afficher',
  oneMoment: 'Un instant…',
  amount: 'Montant',
  date: 'Date',
  history: 'Historique',
});
