import { english as american } from './en-US/all.ts';
import { english as british } from './en-GB/all.ts';
import { german } from './de/all.ts';
import { spanish } from './es/all.ts';
import { french } from './fr/all.ts';
import { arabic } from './ar/all.ts';
import type { Catalogue } from './catalogue.ts';
import { localeOf } from '../kernel/format.ts';
import { type Choice, chooseLanguage, type Language } from './languages.ts';
import { type Tongue, tongueFor } from './tongue.ts';

/** A catalogue in one reader's language, with the means to write what stands alone: `words.tongue.money(total)`. */
export type Words = Catalogue & { readonly tongue: Tongue };

const CATALOGUES: Readonly<Record<Language, (tongue: Tongue) => Catalogue>> = {
  'en-US': american,
  'en-GB': british,
  de: german,
  es: spanish,
  fr: french,
  ar: arabic,
};

/** Locales come from a browser's header too: no more are kept than people have. */
const MOST_KEPT = 200;
const kept = new Map<string, Words>();

/** The words in the first of these languages (BCP 47) that is finished; amounts are written for the first that is well-formed, whether it is or not. */
export function wordsIn(...tags: ReadonlyArray<string | undefined>): Words {
  const { language } = chooseLanguage(tags);
  return wordsFor({ language, locale: localeOf(...tags) });
}

/** The words for a reader, made once for each language and region. */
export function wordsFor(choice: Choice): Words {
  const key = `${choice.language}|${choice.locale}`;
  const known = kept.get(key);
  if (known) return known;
  const tongue = tongueFor(choice);
  const words = { ...CATALOGUES[choice.language](tongue), tongue };
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(key, words);
  return words;
}
