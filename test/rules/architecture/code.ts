import ts from 'typescript';
import { DOMAIN } from './imports.ts';
import { importsOf, markupOf, scriptsOf, type Source, walk } from './sources.ts';

const MOST_LINES = 300;
/** Tables and catalogues: long because there is much of one kind, and nothing to understand. */
export const LONG_LISTS = [
  'db/schema.ts',
  'src/kernel/refusals.ts',
  'src/components/models.ts',
  'cli/seed/acme.ts',
];
const POOR_NAMES = /(?:^|\/)(?:utils?|helpers?|services?|common|misc|shared)(?:\/|\.\w+$)/;
/** The only files that may name the whole database, with the reason in each. */
const STORE_KEEPERS = [
  'src/app.ts',
  'src/database.ts',
  'src/scope.ts',
  'src/work.ts',
  'src/work/finding.ts',
  'src/adapters/mailbox.ts',
  'src/signin/sessions.ts',
];
/** The wall clock and chance, written as they stand in code. */
const CLOCK_AND_CHANCE =
  /^(?:Date\.now|Date|new Date\(\)|Math\.random|Temporal\.Now(?:\..+)?|performance\.now|(?:globalThis\.)?crypto\.(?:getRandomValues|randomUUID|randomBytes)|setTimeout|setInterval|setImmediate)$/;
/** The operations on the directory of tenants, and the sessions of lucia's own adapter: they see whole tables by nature. */
const TABLE_KEEPERS = ['src/tenants/tenants.ts', 'src/tenants/test-clock.ts', 'src/signin/sessions.ts'];
/** Where Kysely's statements over whole tables begin. Within a handle's query its guard (db/guard.ts) refuses tables at run time. */
const RAW_TABLE = /^(?:selectFrom|insertInto|updateTable|deleteFrom|replaceInto|mergeInto)$/;
const FORBIDDEN_MARKUP: ReadonlyArray<readonly [pattern: RegExp, what: string]> = [
  [/\bset:(?:html|text)\b/, 'set:html: text is escaped, always'],
  [/\bis:inline\b/, 'is:inline: the policy allows no inline code'],
  [/\bdefine:vars\b/, 'define:vars: the policy allows no inline code'],
  [/\sstyle(?:=|:)/, 'a style attribute: the policy allows no inline styles'],
  [/<style\b/, 'a style element: styles live in src/styles'],
  [/\son[a-z]+=/i, 'an event handler in markup: the policy allows no inline code'],
  [/\bjavascript:/i, 'a javascript: address'],
];

/** What a file's code or markup may not hold, as sentences. */
export function codeViolations(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => [
    ...namesAndSizes(source),
    ...markupViolations(source),
    ...scriptsOf(source).flatMap((script) => scriptViolations(source.path, script)),
    ...importViolations(source),
  ]);
}

/** Lines of every function with a body, longest first. */
export function functionLengths(sources: readonly Source[]): Array<{ at: string; lines: number }> {
  const found: Array<{ at: string; lines: number }> = [];
  for (const source of sources) {
    for (const script of scriptsOf(source)) {
      walk(script, (node) => {
        if (!ts.isFunctionLike(node) || !('body' in node) || !node.body) return;
        const first = script.getLineAndCharacterOfPosition(node.getStart(script)).line;
        const last = script.getLineAndCharacterOfPosition(node.getEnd()).line;
        found.push({ at: `${source.path}:${first + 1}`, lines: last - first + 1 });
      });
    }
  }
  return found.toSorted((a, b) => b.lines - a.lines);
}

/** The length that `share` of the functions do not exceed. */
export function lengthAt(lengths: ReadonlyArray<{ lines: number }>, share: number): number {
  const sorted = lengths.map(({ lines }) => lines).toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function namesAndSizes({ path, text }: Source): string[] {
  const lines = text.split('\n').length - 1;
  return [
    ...(lines > MOST_LINES && !LONG_LISTS.includes(path) ? [`${path} has ${lines} lines`] : []),
    ...(POOR_NAMES.test(path) ? [`${path} is named for nothing in particular`] : []),
    ...(/(?:^|\/)index\.(?:ts|mjs)$/.test(path) && !path.startsWith('src/pages/')
      ? [`${path} is a barrel by its name`]
      : []),
  ];
}

function markupViolations(source: Source): string[] {
  const markup = markupOf(source);
  return FORBIDDEN_MARKUP.filter(([pattern]) => pattern.test(markup)).map(
    ([, what]) => `${source.path} holds ${what}`,
  );
}

function importViolations(source: Source): string[] {
  if (source.path.startsWith('db/')) return [];
  const imports = importsOf(source);
  return imports
    .filter(({ target, names }) => target === 'kysely' && names.includes('sql'))
    .map(({ line }) => `${source.path}:${line} takes kysely’s sql: raw SQL stays in db/`);
}

function scriptViolations(path: string, script: ts.SourceFile): string[] {
  const found: string[] = [];
  const tell = (node: ts.Node, what: string): void => {
    const { line } = script.getLineAndCharacterOfPosition(node.getStart(script));
    found.push(`${path}:${line + 1} ${what}`);
  };
  if (isBarrel(script)) tell(script, 'only passes on what others export');
  walk(script, (node) => {
    const what = nodeViolation(path, node, script);
    if (what !== undefined) tell(node, what);
  });
  return found;
}

function nodeViolation(path: string, node: ts.Node, script: ts.SourceFile): string | undefined {
  if (ts.isPropertyAccessExpression(node)) return propertyViolation(path, node, script);
  const called = ts.isCallExpression(node) ? node.expression.getText(script) : undefined;
  const made =
    ts.isNewExpression(node) && !node.arguments?.length
      ? `new ${node.expression.getText(script)}()`
      : undefined;
  if (isPure(path) && CLOCK_AND_CHANCE.test(called ?? made ?? '')) {
    return `uses ${called ?? made}: time and chance come from the scope`;
  }
  return undefined;
}

function propertyViolation(
  path: string,
  node: ts.PropertyAccessExpression,
  script: ts.SourceFile,
): string | undefined {
  const text = node.getText(script);
  const name = node.name.text;
  if ((text === 'process.env' || text === 'import.meta.env') && !mayReadEnvironment(path)) {
    return `reads ${text}: only src/config.ts does`;
  }
  if (name === 'withPlugin' && !path.startsWith('db/')) {
    return 'uses withPlugin: it would change a query after the guard of its handle saw it';
  }
  if (isScoped(path) && RAW_TABLE.test(name))
    return `uses ${name}: tables are reached through the scope’s handle`;
  if (name === 'store' && path.startsWith('src/') && !STORE_KEEPERS.includes(path)) {
    return 'reaches for the whole store: data is reached through a scope’s handle';
  }
  if (/^(?:innerHTML|outerHTML|insertAdjacentHTML)$/.test(name)) return `uses ${name}: text goes in as text`;
  return undefined;
}

/** Where data is reached through a scope's handle alone. */
function isScoped(path: string): boolean {
  return /^(?:src|cli)\//.test(path) && !path.startsWith('src/islands/') && !TABLE_KEEPERS.includes(path);
}

/** The domain and the kernel, but for the two kernel files where time and chance come from. */
function isPure(path: string): boolean {
  if (path === 'src/kernel/time.ts' || path === 'src/kernel/ids.ts') return false;
  return (
    path.startsWith('src/kernel/') ||
    path === 'src/scope.ts' ||
    DOMAIN.some((name) => path.startsWith(`src/${name}/`))
  );
}

/** Configuration is read in one place; what starts before there is an installation (cli/start) runs other programs. */
function mayReadEnvironment(path: string): boolean {
  return path === 'src/config.ts' || path.startsWith('cli/start/');
}

function isBarrel({ statements }: ts.SourceFile): boolean {
  const passedOn = statements.filter(isPassedOn);
  const wholesale = passedOn.some(({ exportClause }) => exportClause === undefined);
  return wholesale || (statements.length > 0 && passedOn.length === statements.length);
}

function isPassedOn(statement: ts.Statement): statement is ts.ExportDeclaration {
  return ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined;
}
