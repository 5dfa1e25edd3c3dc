import type { Tongue } from './tongue.ts';

/** The text of a count that a script writes: by plural category of CLDR, with `{count}` where the figure stands. */
export type CountForms = Partial<Record<Intl.LDMLPluralRule, string>>;

/** Every category of every language has one of these. */
const SAMPLES = [0, 1, 2, 3, 11, 100];

/** A message about a count in all forms of its language, for `Intl.PluralRules` of the page's language to choose from. */
export function countForms({ locale }: Tongue, say: (count: number) => string): CountForms {
  const rules = new Intl.PluralRules(locale);
  const forms: CountForms = {};
  for (const count of SAMPLES) forms[rules.select(count)] ??= say(count).replace(String(count), '{count}');
  return forms;
}
