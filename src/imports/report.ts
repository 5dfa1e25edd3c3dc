import type { ImportProblem } from './problems.ts';

export interface ImportCounts {
  readonly customers: number;
  readonly contacts: number;
  readonly invoices: number;
  readonly creditNotes: number;
  readonly lines: number;
  readonly payments: number;
}

/** A customer or an invoice as it would be kept: what a preview shows of the first few. Amounts are minor units. */
export interface ImportSample {
  readonly number: string;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly date?: string | undefined;
  readonly dueDate?: string | undefined;
  readonly currency?: string | undefined;
  readonly totalMinor?: number | undefined;
  readonly openMinor?: number | undefined;
}

/** What the new invoices come to in one currency, and what is open of them: minor units. */
export interface ImportTotal {
  readonly currency: string;
  readonly invoices: number;
  readonly totalMinor: number;
  readonly openMinor: number;
}

/** How a file was understood. */
export interface ImportedFile {
  readonly file: string;
  readonly kind: 'customers' | 'invoices' | 'lines' | 'invoices and lines';
  /** The export it was known as: `QuickBooks invoices`. */
  readonly preset: string | undefined;
  readonly encoding: string;
  readonly delimiter: string;
  /** The line of the header. */
  readonly headerLine: number;
  /** Our columns and the file's, in our order. */
  readonly columns: ReadonlyArray<{ readonly ours: string; readonly theirs: string }>;
  /** The file's columns that are not read. */
  readonly unused: readonly string[];
}

/** What an import did. */
export interface ImportReport {
  /** Nothing of this is there when `kept` is false. */
  readonly created: ImportCounts;
  /** What was there already, exactly so. */
  readonly unchanged: ImportCounts;
  /** The first thousand; `problemCount` counts all. */
  readonly problems: readonly ImportProblem[];
  readonly problemCount: number;
  /** Worth knowing, but nothing that keeps a document out. */
  readonly notices: readonly ImportProblem[];
  /** Whether anything may have been written: false when a problem undid the whole import, and for a preview. */
  readonly kept: boolean;
  readonly files: readonly ImportedFile[];
  /** The first few of what is new. */
  readonly samples: {
    readonly customers: readonly ImportSample[];
    readonly invoices: readonly ImportSample[];
  };
  /** By currency. */
  readonly totals: readonly ImportTotal[];
}

/** Where a running import is in one of its files. */
export interface ImportProgress {
  readonly kind: 'customers' | 'invoices' | 'lines' | 'documents';
  /** Bytes read of the file, and its size; files read and their number for `documents`. */
  readonly bytes: number;
  readonly of: number;
  readonly rows: number;
}

const PROBLEMS_KEPT = 1000;
const SAMPLES_KEPT = 5;

type Counts = { -readonly [K in keyof ImportCounts]: number };

/** Counts while an import runs. A file full of mistakes must not fill the memory: only the first problems are kept. */
export class Tally {
  readonly created: Counts = none();
  readonly unchanged: Counts = none();
  readonly #problems: ImportProblem[] = [];
  readonly #notices: ImportProblem[] = [];
  readonly #files: ImportedFile[] = [];
  readonly #samples: { customers: ImportSample[]; invoices: ImportSample[] } = {
    customers: [],
    invoices: [],
  };
  readonly #totals = new Map<string, ImportTotal>();
  readonly #skipBad: boolean;
  readonly #lostBefore: boolean;
  #count = 0;

  constructor(skipBad: boolean, lostBefore = false) {
    this.#skipBad = skipBad;
    this.#lostBefore = lostBefore;
  }

  /** A tally of a part of the import, to be added once the part is through. */
  fork(): Tally {
    return new Tally(this.#skipBad, this.lost);
  }

  add(part: Tally): void {
    for (const name of Object.keys(this.created) as Array<keyof ImportCounts>) {
      this.created[name] += part.created[name];
      this.unchanged[name] += part.unchanged[name];
    }
    this.problem(...part.#problems);
    this.#count += part.#count - part.#problems.length;
    this.notice(...part.#notices);
    for (const kind of ['customers', 'invoices'] as const) this.sample(kind, part.#samples[kind]);
    for (const { currency, ...sum } of part.#totals.values()) {
      const before = this.#totals.get(currency) ?? { invoices: 0, totalMinor: 0, openMinor: 0 };
      this.#totals.set(currency, {
        currency,
        invoices: before.invoices + sum.invoices,
        totalMinor: before.totalMinor + sum.totalMinor,
        openMinor: before.openMinor + sum.openMinor,
      });
    }
  }

  problem(...problems: readonly ImportProblem[]): void {
    this.#count += problems.length;
    for (const one of problems) if (this.#problems.length < PROBLEMS_KEPT) this.#problems.push(one);
  }

  notice(...notices: readonly ImportProblem[]): void {
    for (const one of notices) if (this.#notices.length < PROBLEMS_KEPT) this.#notices.push(one);
  }

  file(...files: readonly ImportedFile[]): void {
    this.#files.push(...files);
  }

  sample(kind: 'customers' | 'invoices', samples: readonly ImportSample[]): void {
    this.#samples[kind].push(...samples.slice(0, SAMPLES_KEPT - this.#samples[kind].length));
  }

  /** Adds a new invoice to what its currency comes to: minor units. */
  total(currency: string, totalMinor: number, openMinor: number): void {
    const before = this.#totals.get(currency) ?? { currency, invoices: 0, totalMinor: 0, openMinor: 0 };
    this.#totals.set(currency, {
      currency,
      invoices: before.invoices + 1,
      totalMinor: before.totalMinor + totalMinor,
      openMinor: before.openMinor + openMinor,
    });
  }

  /** Whether the import is to be undone: what follows is only checked, not written. */
  get lost(): boolean {
    return this.#lostBefore || (this.#count > 0 && !this.#skipBad);
  }

  report(): ImportReport {
    const { created, unchanged, lost } = this;
    const problems = this.#problems.toSorted(byPlace);
    return {
      created: { ...created },
      unchanged: { ...unchanged },
      problems,
      problemCount: this.#count,
      notices: this.#notices,
      kept: !lost,
      files: this.#files,
      samples: this.#samples,
      totals: [...this.#totals.values()].toSorted((a, b) => (a.currency < b.currency ? -1 : 1)),
    };
  }
}

function none(): Counts {
  return { customers: 0, contacts: 0, invoices: 0, creditNotes: 0, lines: 0, payments: 0 };
}

function byPlace(a: ImportProblem, b: ImportProblem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0);
}
