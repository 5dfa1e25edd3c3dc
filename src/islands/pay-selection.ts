/**
 * `<pay-selection>` around a form with tick boxes (`data-minor`, `data-currency`, its `data-digits`) and a pay bar: shows how many are
 * ticked and their sum, and offers a box that ticks all. The form works the same without it.
 */
class PaySelection extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener('change', (event) => this.changed(event.target));
    this.addEventListener('reset', () => setTimeout(() => this.update()));
    window.addEventListener('pageshow', () => this.update());
    for (const label of this.querySelectorAll<HTMLElement>('[data-all]')) label.hidden = false;
    this.querySelector('.portal-paybar')?.setAttribute('data-live', '');
    this.update();
  }

  boxes(): HTMLInputElement[] {
    return [...this.querySelectorAll<HTMLInputElement>('input[data-minor]')];
  }

  changed(target: EventTarget | null): void {
    if (target instanceof HTMLInputElement && target.closest('[data-all]')) {
      for (const box of this.boxes()) box.checked = target.checked;
    }
    this.update();
  }

  update(): void {
    const boxes = this.boxes();
    const ticked = boxes.filter((box) => box.checked);
    const currencies = new Set(ticked.map((box) => box.dataset['currency'] ?? ''));
    const all = this.querySelector<HTMLInputElement>('[data-all] input');
    if (all) {
      all.checked = ticked.length > 0 && ticked.length === boxes.length;
      all.indeterminate = ticked.length > 0 && !all.checked;
    }
    this.show(ticked, currencies);
  }

  show(ticked: readonly HTMLInputElement[], currencies: ReadonlySet<string>): void {
    const count = this.querySelector<HTMLElement>('[data-count]');
    const sum = this.querySelector<HTMLElement>('[data-sum]');
    const button = this.querySelector<HTMLButtonElement>('.portal-paybar [type=submit]');
    if (!count || !sum || !button) return;
    const mixed = currencies.size > 1;
    count.textContent =
      (mixed ? count.dataset['mixed'] : selected(count.dataset['count'], ticked.length)) ?? '';
    const [currency] = currencies;
    sum.textContent = mixed || !currency ? '' : amount(ticked, currency);
    button.disabled = mixed;
  }
}

/** `3 selected`, in the plural form of the page's language; the forms come as JSON by category, with `{count}` for the figure. */
function selected(forms: string | undefined, count: number): string {
  const texts = JSON.parse(forms ?? '{}') as Partial<Record<string, string>>;
  const form = new Intl.PluralRules(document.documentElement.lang).select(count);
  return (texts[form] ?? texts['other'] ?? '').replace('{count}', String(count));
}

/** The sum as money in the language of the page; integers until the last step. */
function amount(ticked: readonly HTMLInputElement[], currency: string): string {
  const minor = ticked.reduce((total, box) => total + Number(box.dataset['minor']), 0);
  const digits = Number(ticked[0]?.dataset['digits'] ?? 2);
  const format = new Intl.NumberFormat(document.documentElement.dataset['language'] || 'en', {
    style: 'currency',
    currency,
    numberingSystem: 'latn',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return format.format(minor / 10 ** digits);
}

customElements.define('pay-selection', PaySelection);
