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
 * can pose as other text, are dropped; what isolates a name from the words around it stays. At most `most` characters.
 */
export function plain(text: string, most = 300): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u2067\u206A-\u206F\uFEFF]/g, '')
    .trim();
  return paired(line.length <= most ? line : `${line.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`);
}

/** Keeps the isolates (U+2068 … U+2069) that set a name apart from the words around it, and drops what opens or closes none. */
function paired(line: string): string {
  const open: number[] = [];
  const kept = new Set<number>();
  for (let at = 0; at < line.length; at += 1) {
    if (line[at] === '\u2068') open.push(at);
    const start = line[at] === '\u2069' ? open.pop() : undefined;
    if (start !== undefined) kept.add(start).add(at);
  }
  return line.replace(/[\u2068\u2069]/g, (mark, at: number) => (kept.has(at) ? mark : ''));
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
