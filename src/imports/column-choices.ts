import type { ColumnChoices, TableKind } from './columns.ts';
import { TABLE_COLUMNS } from './columns.ts';
import type { ImportProblem } from './problems.ts';
import { quotable } from './problems.ts';

export type ChoicesResult =
  | { readonly ok: true; readonly choices: ColumnChoices }
  | { readonly ok: false; readonly problem: ImportProblem };

const KINDS: readonly TableKind[] = ['customers', 'invoices', 'lines'];

/**
 * Reads a map file. JSON: `{"customers": {"number": "Kd-Nr"}, "invoices": {…}}`. Text, a line each: `customers.number=Kd-Nr`;
 * a line without a table (`number=Kd-Nr`) and a flat JSON object hold for every table that has the column. `#` starts a comment.
 */
export function readColumnChoices(text: string, file: string): ChoicesResult {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  const pairs = trimmed.startsWith('{') ? fromJson(trimmed) : fromLines(trimmed);
  if (!Array.isArray(pairs)) return { ok: false, problem: { file, ...pairs } };
  const choices: Record<TableKind, Map<string, string>> = {
    customers: new Map(),
    invoices: new Map(),
    lines: new Map(),
  };
  for (const { ours, theirs, line } of pairs) {
    const unknown = put(choices, ours, theirs);
    if (unknown) return { ok: false, problem: { file, ...(line === undefined ? {} : { line }), ...unknown } };
  }
  return { ok: true, choices };
}

interface Pair {
  readonly ours: string;
  readonly theirs: string;
  readonly line?: number;
}

type Failure = Pick<ImportProblem, 'reason' | 'hint' | 'line'>;

function fromLines(text: string): Pair[] | Failure {
  const pairs: Pair[] = [];
  for (const [i, raw] of text.split(/\r\n|\n|\r/).entries()) {
    if (raw.trim() === '' || raw.trim().startsWith('#')) continue;
    const [ours, ...rest] = raw.split('=');
    const theirs = rest.join('=').trim();
    if (ours === undefined || theirs === '') {
      const reason = `“${quotable(raw)}” does not map a column.`;
      return {
        line: i + 1,
        reason,
        hint: 'Write our column, an equals sign and your column: number=Customer No',
      };
    }
    pairs.push({ ours: ours.trim(), theirs, line: i + 1 });
  }
  return pairs;
}

function fromJson(text: string): Pair[] | Failure {
  const bad = {
    reason: 'The map is not the JSON we expect.',
    hint: 'Write {"customers": {"number": "Customer No"}}.',
  };
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return bad;
  }
  const pairs: Pair[] = [];
  for (const [key, value] of entriesOf(data)) {
    if (typeof value === 'string') pairs.push({ ours: key, theirs: value });
    else if (typeof value !== 'object' || value === null) return bad;
    for (const [column, theirs] of entriesOf(value)) {
      if (typeof theirs !== 'string') return bad;
      pairs.push({ ours: `${key}.${column}`, theirs });
    }
  }
  return pairs;
}

function entriesOf(data: unknown): [string, unknown][] {
  return typeof data === 'object' && data !== null ? Object.entries(data) : [];
}

function put(
  choices: Record<TableKind, Map<string, string>>,
  ours: string,
  theirs: string,
): Failure | undefined {
  const [first, second] = ours.split('.');
  const column = second ?? first ?? '';
  const kinds = KINDS.filter(
    (kind) => (second === undefined || kind === first) && Object.hasOwn(TABLE_COLUMNS[kind], column),
  );
  for (const kind of kinds) choices[kind].set(column, theirs);
  if (kinds.length > 0) return undefined;
  const known = KINDS.map((kind) => `${kind}: ${Object.keys(TABLE_COLUMNS[kind]).join(', ')}`).join('. ');
  return { reason: `“${quotable(ours)}” is not a column of ours.`, hint: `Our columns are ${known}.` };
}
