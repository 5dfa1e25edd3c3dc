import { globSync } from 'node:fs';

/** A part of the product that is mutated, and how much of what is broken there the tests must notice. */
export interface Area {
  readonly name: string;
  readonly files: readonly string[];
  /** Percent of the mutants, equivalents left out. */
  readonly wanted: number;
}

const MONEY = 85;

/** Money, tenancy and sign-in come first; what stands before the pages follows. */
export const AREAS: readonly Area[] = [
  { name: 'kernel', files: ['src/kernel/**/*.ts'], wanted: MONEY },
  { name: 'ledger', files: ['src/ledger/**/*.ts'], wanted: MONEY },
  { name: 'documents', files: ['src/documents/**/*.ts'], wanted: MONEY },
  { name: 'payments', files: ['src/payments/**/*.ts'], wanted: MONEY },
  { name: 'invariants', files: ['db/invariants.ts', 'db/*-invariants.ts'], wanted: MONEY },
  {
    name: 'tenancy',
    files: ['db/scoped.ts', 'db/guard.ts', 'db/ownership.ts', 'src/scope.ts'],
    wanted: MONEY,
  },
  { name: 'sign-in', files: ['src/signin/**/*.ts'], wanted: MONEY },
  { name: 'server', files: ['src/server/**/*.ts'], wanted: 75 },
];

/** The files of an area below `root`, in the order of their names. */
export function filesOf(area: Area, root: string): string[] {
  return [...new Set(area.files.flatMap((pattern) => globSync(pattern, { cwd: root })))].toSorted();
}
