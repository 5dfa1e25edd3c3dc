import type { Catalogue } from '../catalogue.ts';

export const credits = (): Catalogue['credits'] => ({
  title: 'Guthaben',
  use: 'Guthaben verwenden',
  choose: 'Welche Rechnungen möchten Sie damit bezahlen?',
  pays: 'Ihr Guthaben bezahlt',
  using: 'Guthaben wird verwendet …',
  nothing: 'Zurzeit gibt es damit nichts zu bezahlen.',
  history: 'Guthabenverlauf',
});
