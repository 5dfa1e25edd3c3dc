import type { ImportProblem } from './problems.ts';

export interface ImportCounts {
  readonly customers: number;
  readonly contacts: number;
  readonly invoices: number;
  readonly creditNotes: number;
  readonly lines: number;
  readonly payments: number;
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
  /** Whether anything may have been written: false when a problem undid the whole import. */
  readonly kept: boolean;
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

type Counts = { -readonly [K in keyof ImportCounts]: number };

/** Counts while an import runs. A file full of mistakes must not fill the memory: only the first problems are kept. */
export class Tally {
  readonly created: Counts = none();
  readonly unchanged: Counts = none();
  readonly #problems: ImportProblem[] = [];
  readonly #notices: ImportProblem[] = [];
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
  }

  problem(...problems: readonly ImportProblem[]): void {
    this.#count += problems.length;
    for (const one of problems) if (this.#problems.length < PROBLEMS_KEPT) this.#problems.push(one);
  }

  notice(...notices: readonly ImportProblem[]): void {
    for (const one of notices) if (this.#notices.length < PROBLEMS_KEPT) this.#notices.push(one);
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
