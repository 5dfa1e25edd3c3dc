import { readAmount } from '../kernel/amount-text.ts';

/** What is shown where there is no total. */
const NONE = '—';

/**
 * `<pay-total data-currency data-digits data-points data-step data-most>` around a payment page whose amounts are typed: adds up while somebody types,
 * with the fee (`data-points`, hundredths of a percent), rounds up to what can be charged (`data-step`, minor units), and says it in the summary, on the button and in the form. Where an amount cannot be
 * read, or is more than is left, there is no total, and `[data-unclear]` says so. The server does not rely on it: a total that was not shown is
 * shown and asked again.
 */
class PayTotal extends HTMLElement {
  connectedCallback(): void {
    if (!this.dataset['currency']) return;
    this.addEventListener('input', () => this.update());
    window.addEventListener('pageshow', () => this.update());
    for (const hint of this.querySelectorAll<HTMLElement>('.portal-script-no')) hint.hidden = true;
  }

  update(): void {
    const total = this.total();
    const hint = this.querySelector<HTMLElement>('[data-unclear]');
    if (hint) hint.hidden = total !== undefined || !this.isTyped();
    if (total === undefined) {
      for (const terms of ['plain', 'fee']) this.say(terms, { total: NONE, fee: NONE, credit: NONE }, '');
      return;
    }
    // Half up, as the server rounds; integers until the last step.
    const fee = Math.floor((total * Number(this.dataset['points'] ?? 0) + 5000) / 10_000);
    const write = this.writer();
    for (const [terms, wanted] of [
      ['plain', total],
      ['fee', total + fee],
    ] as const) {
      const step = Number(this.dataset['step'] ?? 1);
      const charge = Math.ceil(wanted / step) * step;
      const said = { total: write(charge), fee: write(fee), credit: write(charge - wanted) };
      this.say(terms, said, said.total);
      this.note(terms, charge);
    }
  }

  fields(): HTMLInputElement[] {
    return [...this.querySelectorAll<HTMLInputElement>('input[name="part"], input[name="amount"]')];
  }

  /** An empty page has no total and nothing to be said about that. */
  isTyped(): boolean {
    return this.fields().some(({ value }) => value.trim() !== '');
  }

  /** Minor units; undefined unless every amount can be paid. */
  total(): number | undefined {
    const bounds = this.bounds();
    let sum = 0;
    for (const [index, { value }] of this.fields().entries()) {
      const minor = readAmount(value, this.digits(), language());
      if (!minor || minor > (bounds[index] ?? 0)) return undefined;
      sum += minor;
    }
    return sum > 0 && Number.isSafeInteger(sum) ? sum : undefined;
  }

  /** The most that each field may hold: what is left of its invoice, else `data-most`. */
  bounds(): number[] {
    const seen = [...this.querySelectorAll<HTMLInputElement>('input[name="seen"]')];
    if (seen.length > 0) return seen.map(({ value }) => Number(value.split(':')[1]));
    return [Number(this.dataset['most'] ?? 0)];
  }

  digits(): number {
    return Number(this.dataset['digits'] ?? 2);
  }

  writer(): (minor: number) => string {
    const digits = this.digits();
    const format = new Intl.NumberFormat(language(), {
      style: 'currency',
      currency: this.dataset['currency'] ?? 'EUR',
      numberingSystem: 'latn',
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    return (minor) => format.format(minor / 10 ** digits);
  }

  /** Puts a total where it is read: in the summary and, unless there is none, behind the first word of the button. */
  say(terms: string, said: Readonly<Record<'total' | 'fee' | 'credit', string>>, onButton: string): void {
    const sums = this.querySelector(`[data-sums="${terms}"]`);
    for (const [name, text] of Object.entries(said)) {
      const shown = sums?.querySelector(`[data-${name}]`);
      if (shown) shown.textContent = text;
    }
    this.sayOnButton(terms, onButton);
  }

  /** Puts a total where it is sent. */
  note(terms: string, minor: number): void {
    for (const input of this.querySelectorAll<HTMLInputElement>('input[name="charge"]')) {
      if (input.value.startsWith(`${terms}:`)) input.value = `${terms}:${minor}`;
    }
  }

  /** The button is told apart by terms only where there are two: then by spans, else its own words. */
  sayOnButton(terms: string, text: string): void {
    const button = this.querySelector<HTMLElement>('.portal-button-go');
    const spans = button?.querySelectorAll<HTMLElement>('[data-for]') ?? [];
    for (const span of spans) if (span.dataset['for'] === terms) span.textContent = label(span, text);
    if (!button || spans.length > 0 || !this.querySelector(`[data-sums="${terms}"]`)) return;
    const words = [...button.childNodes].find(
      (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
    );
    if (words) words.textContent = label(words, text);
  }
}

function language(): string {
  return document.documentElement.dataset['language'] || 'en';
}

/** `Pay €1.00` with another amount, or with none. */
function label(node: Node, amount: string): string {
  return `${(node.textContent ?? '').trim().split(/\s/)[0]} ${amount}`.trim();
}

customElements.define('pay-total', PayTotal);
