/** Languages whose names of countries are understood besides English. */
const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'nl', 'pt', 'da', 'sv', 'nb', 'fi', 'pl', 'cs'];

/** What people write that no locale data lists. */
const ALIASES: Readonly<Record<string, string>> = {
  'usa': 'US', 'u s a': 'US', 'u s': 'US', 'united states of america': 'US', 'america': 'US',
  'uk': 'GB', 'u k': 'GB', 'great britain': 'GB', 'england': 'GB', 'scotland': 'GB', 'wales': 'GB', 'northern ireland': 'GB',
  'holland': 'NL', 'the netherlands': 'NL', 'czech republic': 'CZ', 'russian federation': 'RU', 'republic of ireland': 'IE',
  'korea': 'KR', 'republic of korea': 'KR', 'south korea': 'KR', 'viet nam': 'VN', 'turkey': 'TR', 'macedonia': 'MK',
  'uae': 'AE', 'ivory coast': 'CI', 'cape verde': 'CV', 'swaziland': 'SZ', 'burma': 'MM', 'hong kong': 'HK', 'macau': 'MO',
  'taiwan': 'TW', 'palestine': 'PS', 'brasil': 'BR', 'deutschland': 'DE', 'the bahamas': 'BS', 'the gambia': 'GM',
}; // prettier-ignore

/** Codes that locale data names but that are no countries of ISO 3166-1. */
const NOT_COUNTRIES = new Set([
  'EU',
  'EZ',
  'UN',
  'XA',
  'XB',
  'ZZ',
  'QO',
  'AC',
  'CP',
  'CQ',
  'DG',
  'EA',
  'IC',
  'TA',
  'XK',
]);
/** Withdrawn codes; locale data knows them as names of their successors. */
const WITHDRAWN = /^(AN|BU|CS|DD|DY|FQ|FX|HV|JT|MI|NH|NQ|NT|PC|PU|PZ|RH|SU|TP|UK|VD|WK|YD|YU|ZR|FR[A-Z])$/;

let names: ReadonlyMap<string, string> | undefined;
let codes: ReadonlySet<string> | undefined;

/** ISO 3166-1 alpha-2 for a code or a name of a country, in English or another language of Europe; else undefined. */
export function countryCode(text: string): string | undefined {
  const trimmed = text.trim();
  const known = countryCodes();
  const upper = trimmed.toUpperCase();
  if (known.has(upper)) return upper;
  names ??= namesOf(known);
  return names.get(fold(trimmed));
}

function countryCodes(): ReadonlySet<string> {
  if (codes) return codes;
  const english = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const pairs = letters.flatMap((a) => letters.map((b) => a + b));
  const real = (code: string) =>
    english.of(code) !== undefined && !NOT_COUNTRIES.has(code) && !WITHDRAWN.test(code);
  codes = new Set(pairs.filter(real));
  return codes;
}

function namesOf(known: ReadonlySet<string>): Map<string, string> {
  const found = new Map<string, string>();
  for (const language of LANGUAGES) {
    const display = new Intl.DisplayNames(language, { type: 'region', fallback: 'none' });
    for (const code of known) {
      const name = fold(display.of(code) ?? code);
      // The first language that uses a name decides; English comes first.
      if (!found.has(name)) found.set(name, code);
    }
  }
  for (const [name, code] of Object.entries(ALIASES)) found.set(name, code);
  return found;
}

/** Without accents, case and punctuation: `CÔTE D’IVOIRE` → `cote d ivoire`. */
function fold(name: string): string {
  const bare = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
  return bare
    .replace(/&/g, ' and ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
