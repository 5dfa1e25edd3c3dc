/** Markup that was made by `html` and may stand as it is. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

export type Insert = string | number | Html | readonly Html[] | undefined | false;

/** A template whose insertions are escaped, unless `html` made them: text cannot become markup, whoever wrote it. */
export function html(parts: TemplateStringsArray, ...inserts: readonly Insert[]): Html {
  return new Html(
    parts.map((part, index) => part.replace(/\s*\n\s*/g, '\n') + written(inserts[index])).join(''),
  );
}

/**
 * Text for one line of mail: control characters and line breaks become spaces; direction marks and invisible characters, with which text
 * can pose as other text, are dropped. At most `most` characters.
 */
export function plain(text: string, most = 300): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF]/g, '')
    .trim();
  return line.length <= most ? line : `${line.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function written(insert: Insert): string {
  if (insert === undefined || insert === false) return '';
  if (insert instanceof Html) return insert.markup;
  if (Array.isArray(insert)) return insert.map((part: Html) => part.markup).join('');
  return escaped(plain(String(insert), 4000));
}

function escaped(text: string): string {
  return text.replace(/[&<>"'`]/g, (letter) => ENTITIES[letter] ?? '');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};
