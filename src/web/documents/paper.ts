import type { LineModel, EventLine, Fact, Party, SumLine } from '#src/components/models.ts';
import type { DocumentLine, DocumentRate, TrailEntry } from '#src/documents/content.ts';
import { unitName } from '#src/exports/units.ts';
import { formatDecimal, formatPrice } from '#src/kernel/format.ts';
import type { Money } from '#src/kernel/money.ts';
import { amount, momentWhen } from '../formatting.ts';
import type { Visitor } from '../visitor.ts';

/* What the pages of invoices, estimates and credit notes show as paper. */

/** Who sends the document, and to whom. */
export function partiesOf({ scope: { tenant }, customer }: Visitor): { from: Party; to: Party } {
  return {
    from: {
      name: tenant.name,
      lines: tenant.addressLines,
      facts: present([tenant.taxId && `Tax ID ${tenant.taxId}`, tenant.email, tenant.phone]),
    },
    to: {
      name: customer.name,
      lines: present([
        customer.attentionTo !== customer.name && customer.attentionTo,
        ...customer.addressLines,
      ]),
      facts: present([customer.taxId && `Tax ID ${customer.taxId}`]),
    },
  };
}

/** Labels with values; those without a value are left out. */
export function factsOf(facts: ReadonlyArray<readonly [label: string, value: string | undefined]>): Fact[] {
  return facts.flatMap(([label, value]) => (value ? [{ label, value }] : []));
}

export function paperLines(lines: readonly DocumentLine[], currency: string, language: string): LineModel[] {
  return lines.map((line) => ({
    name: line.name,
    text: line.description,
    quantity: [formatDecimal(line.quantity, language), unitName(line.unit)].filter(Boolean).join(' '),
    price: formatPrice(line.unitCost, currency, language),
    amount: amount(line.amount, language),
  }));
}

interface Summed {
  readonly subtotal: Money;
  readonly rates: readonly DocumentRate[];
  readonly rounding: Money;
  readonly total: Money;
}

/** From the subtotal through every rate to the total. */
export function paperSums(document: Summed, language: string): SumLine[] {
  const { currency } = document.total;
  const show = (minor: number): string => amount({ minor, currency }, language);
  const { rounding } = document;
  return [
    { label: 'Subtotal', value: show(document.subtotal.minor) },
    ...document.rates.map((rate) => ({
      label: rateLabel(rate, language),
      value: show(rate.kind === 'discount' ? -rate.amount.minor : rate.amount.minor),
    })),
    ...(rounding.minor === 0 ? [] : [{ label: 'Rounding', value: show(rounding.minor) }]),
    { label: 'Total', value: show(document.total.minor), strong: true },
  ];
}

/** What happened, in words; what has none is left out. */
export function eventLines(
  trail: readonly TrailEntry[],
  texts: Readonly<Record<string, string>>,
  { scope, language }: Visitor,
): EventLine[] {
  return trail.flatMap(({ type, at }) => {
    const text = texts[type];
    return text ? [{ when: momentWhen(at, scope.tenant.timeZone, language), text }] : [];
  });
}

function present(facts: Array<string | undefined | false>): string[] {
  return facts.filter((fact) => typeof fact === 'string' && fact !== '') as string[];
}

function rateLabel(rate: DocumentRate, language: string): string {
  const named = !rate.percent || rate.name.includes('%');
  return named ? rate.name : `${rate.name} ${formatDecimal(rate.percent, language)}%`;
}
