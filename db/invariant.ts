/** One thing that must hold of the data, as plain SQL that both engines read. */
export interface InvariantCheck {
  readonly name: string;
  readonly promise: string;
  /** Answers one row with the column `n`: how many things are looked at. */
  readonly count: string;
  /** Answers one row for each thing that does not hold; its columns are shown. */
  readonly violations: string;
}

/** What one promise was found to be. */
export interface CheckResult {
  /** Permanent: scripts branch on it. */
  readonly name: string;
  /** What must hold, in a sentence. */
  readonly promise: string;
  /** How many things were looked at. */
  readonly checked: number;
  /** What does not hold, each naming its tenant and row. */
  readonly violations: readonly string[];
}
