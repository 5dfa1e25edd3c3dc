import { readAmount } from '../kernel/amount-text.ts';

/**
 * `<pay-total data-currency data-points>` around a payment page whose amounts are typed: adds up while somebody types, with the fee
 * (`data-points`, hundredths of a percent), and says it in the summary, on the button and in the form. The server does not rely on it: a total
 * that was not shown is shown and asked again.
 */
class PayTotal extends HTMLElement {
  connectedCallback(): void {
    if (!this.dataset['currency']) return;
    this.addEventListener('input', () => this.update());
    window.addEventListener('pageshow', () => this.update());
    for (const hint of this.querySelectorAll<HTMLElement>('.portal-script-no')) hint.hidden = true;
  }

  update(): void {
    const format = new Intl.NumberFormat(document.documentElement.lang || 'en', {
      style: 'currency',
      currency: this.dataset['currency'] ?? 'EUR',
      numberingSystem: 'latn',
    });
    const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
    const total = this.total(digits);
    if (total === undefined) return;
    // Half up, as the server rounds; integers until the last step.
    const fee = Math.floor((total * Number(this.dataset['points'] ?? 0) + 5000) / 10_000);
    const write = (minor: number): string => format.format(minor / 10 ** digits);
    this.say('plain', total, write(total));
    this.say('fee', total + fee, write(total + fee), write(fee));
  }

  total(digits: number): number | undefined {
    const fields = this.querySelectorAll<HTMLInputElement>('input[name="part"], input[name="amount"]');
    const language = document.documentElement.lang || 'en';
    const read = [...fields].map((field) => readAmount(field.value, digits, language));
    return read.reduce<number | undefined>(
      (sum, minor) => (sum === undefined || !minor ? undefined : sum + minor),
      0,
    );
  }

  say(terms: string, minor: number, text: string, fee = ''): void {
    const sums = this.querySelector(`[data-sums="${terms}"]`);
    const total = sums?.querySelector('[data-total]');
    const feeText = sums?.querySelector('[data-fee]');
    if (total) total.textContent = text;
    if (feeText) feeText.textContent = fee;
    for (const input of this.querySelectorAll<HTMLInputElement>('input[name="charge"]')) {
      if (input.value.startsWith(`${terms}:`)) input.value = `${terms}:${minor}`;
    }
    this.sayOnButton(terms, text);
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

/** `Pay €1.00` with another amount. */
function label(node: Node, amount: string): string {
  return `${(node.textContent ?? '').trim().split(/\s/)[0]} ${amount}`;
}

customElements.define('pay-total', PayTotal);
