/**
 * What people type for an amount, as minor units: with or without a currency sign, grouped or not, with the decimal sign of their language. The
 * other sign is a decimal one too where it can be nothing else (`12,50` in English). Undefined for everything else, for more decimals than the
 * currency has (`digits`), and for what is no exact number any more. Islands read what is typed by the same rule.
 */
export function readAmount(text: string, digits: number, language: string): number | undefined {
  const bare = text.replaceAll(/[\s'’]/g, '').replaceAll(/^[\p{Sc}\p{L}]+|[\p{Sc}\p{L}.]+$/gu, '');
  const decimal = decimalSign(language);
  const group = decimal === ',' ? '.' : ',';
  const [whole = '', fraction = ''] = split(bare, decimal, group) ?? [];
  if (whole === '' || fraction.length > digits) return undefined;
  const minor = Number(whole + fraction.padEnd(digits, '0'));
  return Number.isSafeInteger(minor) ? minor : undefined;
}

function split(bare: string, decimal: string, group: string): [string, string] | undefined {
  const [d, g] = [`\\${decimal}`, `\\${group}`];
  const usual = new RegExp(`^(\\d+|\\d{1,3}(?:${g}\\d{3})+)(?:${d}(\\d+))?$`).exec(bare);
  const found = usual ?? new RegExp(`^(\\d+)${g}(\\d{1,2})$`).exec(bare);
  return found ? [found[1]!.replaceAll(group, ''), found[2] ?? ''] : undefined;
}

function decimalSign(language: string): string {
  const parts = new Intl.NumberFormat(language).formatToParts(1.5);
  return parts.find(({ type }) => type === 'decimal')?.value === ',' ? ',' : '.';
}
