/*
 * The languages that the portal speaks, and which of them somebody is spoken to in.
 */

/** Every language that has a catalogue, by its BCP 47 tag, under its own name. */
export const LANGUAGES = {
  'en-US': 'English (US)',
  'en-GB': 'English (UK)',
  de: 'Deutsch',
  es: 'Español',
  fr: 'Français',
  ar: 'العربية',
} as const;

export type Language = keyof typeof LANGUAGES;
export type Direction = 'ltr' | 'rtl';

/** Those in which every sentence of the portal is there: nobody is spoken to in half a language. */
export const FINISHED: ReadonlySet<Language> = new Set(['en-US', 'en-GB']);

/** Who reads American English where the tag names a region; everybody else who reads English is used to British spelling. */
const AMERICAN = new Set(['US', 'PR', 'PH', 'GU', 'VI', 'AS', 'MP', 'UM']);

/** Which catalogue a reader of this BCP 47 tag is spoken to from; undefined for languages without one, and for what is no tag. */
export function languageOf(tag: string | undefined): Language | undefined {
  const { language, region } = parsed(tag) ?? {};
  if (language === 'en') return region === undefined || AMERICAN.has(region) ? 'en-US' : 'en-GB';
  return language !== undefined && language in LANGUAGES ? (language as Language) : undefined;
}

export function directionOf(language: Language): Direction {
  return language === 'ar' ? 'rtl' : 'ltr';
}

/** Somebody's language: the catalogue, and the BCP 47 tag that dates and numbers are written for, which may name a region (`de-AT`). */
export interface Choice {
  readonly language: Language;
  readonly locale: string;
}

/** The first of these tags that a language among those answers; American English when none does. */
export function chooseLanguage(
  tags: ReadonlyArray<string | undefined>,
  among: ReadonlySet<Language> = FINISHED,
): Choice {
  for (const tag of tags) {
    const language = languageOf(tag);
    if (language && among.has(language)) return { language, locale: Intl.getCanonicalLocales(tag)[0]! };
  }
  return { language: 'en-US', locale: 'en' };
}

const MOST_TAGS = 20;

/** The tags of an Accept-Language header (RFC 9110 §12.5.4), what is preferred first; what is refused (`q=0`) or odd is left out. */
export function acceptedTags(header: string | undefined): string[] {
  const ranges = (header ?? '').slice(0, 1000).split(',').slice(0, MOST_TAGS);
  const weighed = ranges.map((range) => {
    const [tag = '', ...parameters] = range.split(';').map((part) => part.trim());
    const weight = parameters.find((part) => /^q=/i.test(part))?.slice(2) ?? '1';
    return { tag, weight: /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(weight) ? Number(weight) : 0 };
  });
  const usable = weighed.filter(({ tag, weight }) => weight > 0 && parsed(tag) !== undefined);
  return usable.toSorted((a, b) => b.weight - a.weight).map(({ tag }) => tag);
}

function parsed(tag: string | undefined): Intl.Locale | undefined {
  if (!tag) return undefined;
  try {
    return new Intl.Locale(tag);
  } catch {
    return undefined;
  }
}
