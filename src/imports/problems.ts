/**
 * One thing in a file that could not be used as it stands: where it is, what was there, why that does not work, what to do.
 * Table problems carry `line` and `column`; UBL problems carry `element`, and where a figure does not tie out, `expected`,
 * `found` and the `rule` of EN 16931 or Peppol BIS Billing 3.0 that says so.
 */
export interface ImportProblem {
  readonly file: string;
  /** Physical line in the file, counted from 1. */
  readonly line?: number;
  /** The file's own name of the column. */
  readonly column?: string;
  /** Path of the XML element, such as `Invoice/LegalMonetaryTotal/PayableAmount`. */
  readonly element?: string;
  /** What the file says, cut to a readable length. */
  readonly value?: string;
  readonly expected?: string;
  readonly found?: string;
  readonly rule?: string;
  readonly reason: string;
  readonly hint: string;
}

/** Everything of a problem except where it is. */
export type Complaint = Pick<ImportProblem, 'reason' | 'hint'>;

/** One line of text: `invoices.csv, line 3, column “Total”: “1,234” …. Write …`. */
export function describeProblem(problem: ImportProblem): string {
  const place = [
    problem.file,
    problem.line === undefined ? '' : `line ${problem.line}`,
    problem.column === undefined ? '' : `column “${problem.column}”`,
    problem.element ?? '',
  ].filter((part) => part !== '');
  const rule = problem.rule === undefined ? '' : ` (${problem.rule})`;
  return `${place.join(', ')}: ${problem.reason}${rule} ${problem.hint}`;
}

/** A value as it may be quoted in a problem: one line, at most 80 characters. */
export function quotable(value: string): string {
  const flat = value.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return flat.length <= 80 ? flat : `${[...flat].slice(0, 79).join('')}…`;
}

/** What a row or a document has too much of, as problems beside its place. */
export function faultProblems(
  place: Pick<ImportProblem, 'file' | 'line' | 'element' | 'value'>,
  faults: Readonly<Record<string, string>>,
): ImportProblem[] {
  return Object.entries(faults).map(([field, fault]) => ({
    ...place,
    reason: `${field[0]!.toUpperCase()}${field.slice(1).replaceAll('_', ' ')} ${fault}.`,
    hint: 'Shorten or correct it.',
  }));
}
