import { refuse } from './errors.ts';

/** Refuses `bad_language` for what is no language tag of BCP 47 (RFC 5646), such as `de_DE`, and for one of no language, such as `english`. */
export function assertLanguage(language: string): void {
  if (!isLanguage(language)) refuse('bad_language', { language });
}

/** Whether it is a tag of BCP 47 (RFC 5646) whose language is known. */
export function isLanguage(language: string): boolean {
  try {
    const names = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });
    return names.of(new Intl.Locale(language).language) !== undefined;
  } catch {
    return false;
  }
}
