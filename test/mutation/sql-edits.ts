import type ts from 'typescript';
import type { Edit } from './mutants.ts';

/** What a piece of SQL is turned into, each place by itself. */
const TURNS: ReadonlyArray<readonly [kind: string, found: RegExp, after: string]> = [
  ['SQL comparison', /<>/g, '='],
  ['SQL comparison', /(?<= )=(?= )/g, '<>'],
  ['SQL comparison', /(?<= )>(?= )/g, '>='],
  ['SQL comparison', /(?<= )<(?= )/g, '<='],
  ['SQL comparison', /(?<= )>=(?= )/g, '>'],
  ['SQL comparison', /(?<= )<=(?= )/g, '<'],
  ['SQL condition', /\band\b/g, 'or'],
  ['SQL condition', /\bor\b/g, 'and'],
  ['SQL condition', /\bnot in\b/g, 'in'],
  ['SQL condition', /(?<!not )\bin(?= \()/g, 'not in'],
  ['SQL condition', /\bis not null\b/g, 'is null'],
  ['SQL condition', /\bis null\b/g, 'is not null'],
  ['SQL condition', /\bnot exists\b/g, 'exists'],
  ['SQL condition', /(?<!not )\bexists\b/g, 'not exists'],
  ['SQL arithmetic', /(?<= )\+(?= )/g, '-'],
  ['SQL arithmetic', /(?<= )-(?= )/g, '+'],
  ['SQL sign', /-(?=coalesce|sum)/g, ''],
  ['SQL extreme', /\bmin(?=\()/g, 'max'],
  ['SQL extreme', /\bmax(?=\()/g, 'min'],
  ['SQL join', /\bleft join\b/g, 'join'],
  ['SQL word', /'\w+'/g, "''"],
  ['SQL number', /(?<![\w$.])0(?![\w.])/g, '1'],
  ['SQL number', /(?<![\w$.])[1-9]\d*(?![\w.])/g, '0'],
];

const STATEMENT =
  /^\s*(?:select|insert into|update|delete from|with|from|where|group by|having|left join|join|union all)\b/;

/** Whether a text is SQL, or begins as a part of it does. */
export function isSql(text: string): boolean {
  return STATEMENT.test(text) && /\s/.test(text.trim());
}

/** Each comparison, condition, number and so on of a piece of SQL turned round. */
export function editsOfSql(node: ts.Node, source: ts.SourceFile): Edit[] {
  const start = node.getStart(source);
  const text = source.text.slice(start, node.end);
  return TURNS.flatMap(([kind, found, after]) =>
    [...text.matchAll(found)].map((match) => ({
      kind,
      start: start + match.index,
      end: start + match.index + match[0].length,
      after,
    })),
  );
}
