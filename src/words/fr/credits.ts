import type { Catalogue } from '../catalogue.ts';

export const credits = (): Catalogue['credits'] => ({
  title: 'Avoir',
  use: 'Utiliser votre avoir',
  choose: 'Quelles factures souhaitez-vous payer avec ?',
  pays: 'Votre avoir paie',
  using: 'Utilisation de l’avoir…',
  nothing: 'Il n’y a rien à payer avec pour le moment.',
  history: 'Historique de l’avoir',
});
