import { defaultLabels } from './model.ts';
import type { PaperLine, DocumentPdf, Fact, Headline, Labels, ReceiptPdf, Sheet, TotalRow } from './model.ts';

/** A document or a receipt as the drawing sees it: the same parts in the same order, some of them empty. */
export interface Paper {
  readonly sheet: Sheet;
  readonly labels: Labels;
  readonly headline: Headline | undefined;
  readonly facts: readonly Fact[];
  /** The first column is text and takes the room that is left; the others are figures, right-aligned. */
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly totals: readonly TotalRow[];
  /** Texts after the totals, each under its label. */
  readonly closing: readonly Fact[];
}

export interface Row {
  readonly cells: readonly string[];
  /** Small lines under the first cell. */
  readonly notes: readonly string[];
}

export function documentPaper(model: DocumentPdf): Paper {
  const labels = labelsOf(model);
  return {
    sheet: model,
    labels,
    headline: model.headline,
    facts: model.facts,
    columns: [labels.description, labels.quantity, labels.unitPrice, labels.amount],
    rows: model.lines.map(lineRow),
    totals: model.totals,
    closing: closing(
      [labels.schedule, model.schedule],
      [labels.howToPay, model.paymentInstructions],
      [labels.notes, model.notes],
    ),
  };
}

export function receiptPaper(model: ReceiptPdf): Paper {
  const labels = labelsOf(model);
  const fee = model.fee ? [{ label: labels.fee, value: model.fee }] : [];
  return {
    sheet: model,
    labels,
    headline: { value: model.amount, note: `${labels.paidOn} ${model.paidOn}` },
    facts: [
      { label: labels.paidOn, value: model.paidOn },
      { label: labels.paidWith, value: model.method },
      ...(model.facts ?? []),
    ],
    columns: [labels.appliedTo, labels.amount],
    rows: model.applied.map((row) => ({
      cells: [row.number, row.amount],
      notes: row.description ? [row.description] : [],
    })),
    totals: [...fee, { label: labels.totalPaid, value: model.amount, strong: true }],
    closing: closing([labels.notes, model.notes]),
  };
}

function labelsOf(sheet: Sheet): Labels {
  return { ...defaultLabels, ...sheet.labels };
}

function lineRow(line: PaperLine): Row {
  const quantity = line.unit ? `${line.quantity} ${line.unit}` : line.quantity;
  const notes = [line.description ?? '', ...(line.details ?? [])].filter((note) => note.trim() !== '');
  return { cells: [line.name, quantity, line.unitPrice, line.amount], notes };
}

function closing(...parts: readonly (readonly [string, string | undefined])[]): Fact[] {
  return parts.flatMap(([label, value]) => (value?.trim() ? [{ label, value }] : []));
}
