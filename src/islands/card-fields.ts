/**
 * `<card-fields>` around a card form: groups the digits of the number, names the brand, puts the slash into the
 * expiry. Only looks: what is sent is what the server would have accepted anyway.
 */
const brands: readonly (readonly [RegExp, string])[] = [
  [/^4/, 'Visa'],
  [/^(5[1-5]|2(22[1-9]|2[3-9]|[3-6]|7[01]|720))/, 'Mastercard'],
  [/^3[47]/, 'American Express'],
  [/^3(0[0-5]|[68])/, 'Diners Club'],
  [/^(6011|65|64[4-9])/, 'Discover'],
  [/^35/, 'JCB'],
  [/^62/, 'UnionPay'],
];

class CardFields extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener('input', (event) => {
      if (event.target instanceof HTMLInputElement) this.tidy(event.target);
    });
    for (const input of this.querySelectorAll('input')) this.tidy(input);
  }

  tidy(input: HTMLInputElement): void {
    if (input.autocomplete === 'cc-number') {
      const digits = input.value.replaceAll(/\D/g, '').slice(0, 19);
      keepCaret(input, grouped(digits));
      const output = input.parentElement?.querySelector('output');
      if (output) output.value = brandOf(digits);
    }
    if (input.autocomplete === 'cc-exp') keepCaret(input, expiry(input.value));
    if (input.autocomplete === 'cc-csc') keepCaret(input, input.value.replaceAll(/\D/g, '').slice(0, 4));
  }
}

function brandOf(digits: string): string {
  return brands.find(([pattern]) => pattern.test(digits))?.[1] ?? '';
}

/** American Express groups 4-6-5, everything else by fours. */
function grouped(digits: string): string {
  const pattern = /^3[47]/.test(digits) ? /^(\d{4})(\d{1,6})?(\d{1,5})?.*$/ : /(\d{4})(?=\d)/g;
  if (!pattern.global) {
    return digits.replace(pattern, (_, a: string, b = '', c = '') => [a, b, c].filter(Boolean).join(' '));
  }
  return digits.replace(pattern, '$1 ');
}

/** Month and year; a year that begins with 20 is written out. */
function expiry(text: string): string {
  const all = text.replaceAll(/\D/g, '');
  const digits = all.slice(0, /^\d\d20\d/.test(all) ? 6 : 4);
  if (digits.length > 2) return `${digits.slice(0, 2)}/${digits.slice(2)}`;
  return /^\d\d?\/$/.test(text) ? text : digits;
}

/** Writes a value and leaves the caret after the same digit as before. */
function keepCaret(input: HTMLInputElement, value: string): void {
  if (input.value === value) return;
  const atEnd = input.selectionStart === input.value.length;
  const before = input.value.slice(0, input.selectionStart ?? 0).replaceAll(/\D/g, '').length;
  input.value = value;
  if (document.activeElement !== input || atEnd) return;
  let at = 0;
  for (let seen = 0; at < value.length && seen < before; at += 1) if (/\d/.test(value[at] ?? '')) seen += 1;
  input.setSelectionRange(at, at);
}

customElements.define('card-fields', CardFields);
