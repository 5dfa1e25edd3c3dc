/** A postal address as the tables keep it. */
export interface PostalAddress {
  readonly address1?: string | null | undefined;
  readonly address2?: string | null | undefined;
  readonly city?: string | null | undefined;
  /** State, province or county. */
  readonly region?: string | null | undefined;
  readonly postalCode?: string | null | undefined;
  /** ISO 3166 alpha-2, upper case. */
  readonly country?: string | null | undefined;
}

/** Countries that write “City, REGION 12345” on one line; the others write “12345 City”, with the region below. */
const CITY_FIRST = new Set(['US', 'CA', 'AU', 'GB', 'IE', 'NZ', 'IN']);
const namesByLanguage = new Map<string, Intl.DisplayNames | undefined>();

/** The address ready to print, one entry a line, without a name; the country's name in the given language comes last. */
export function addressLines(address: PostalAddress, language = 'en'): string[] {
  const { address1, address2, country } = address;
  const lines = [address1, address2, ...placeLines(address), country ? countryName(country, language) : ''];
  return lines.map((line) => line?.trim() ?? '').filter((line) => line !== '');
}

/** The name of an ISO 3166 alpha-2 country in a language; what is not such a code is answered as it is. */
export function countryName(country: string, language: string): string {
  if (!/^[A-Z]{2}$/.test(country)) return country;
  return displayNames(language)?.of(country) ?? country;
}

function placeLines({ city, region, postalCode, country }: PostalAddress): string[] {
  if (country && CITY_FIRST.has(country)) {
    const tail = [region, postalCode].filter(Boolean).join(' ');
    return [[city, tail].filter(Boolean).join(', ')];
  }
  return [[postalCode, city].filter(Boolean).join(' '), region ?? ''];
}

function displayNames(language: string): Intl.DisplayNames | undefined {
  if (!namesByLanguage.has(language)) namesByLanguage.set(language, makeNames(language));
  return namesByLanguage.get(language);
}

function makeNames(language: string): Intl.DisplayNames | undefined {
  try {
    return new Intl.DisplayNames([language, 'en'], { type: 'region' });
  } catch {
    return undefined;
  }
}
