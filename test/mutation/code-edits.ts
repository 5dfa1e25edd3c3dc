import ts from 'typescript';
import type { Edit } from './mutants.ts';

const { SyntaxKind } = ts;

/** What an operator of two sides becomes. */
const OPERATORS: ReadonlyMap<ts.SyntaxKind, readonly [kind: string, after: string]> = new Map([
  [SyntaxKind.LessThanToken, ['boundary', '<=']],
  [SyntaxKind.LessThanEqualsToken, ['boundary', '<']],
  [SyntaxKind.GreaterThanToken, ['boundary', '>=']],
  [SyntaxKind.GreaterThanEqualsToken, ['boundary', '>']],
  [SyntaxKind.EqualsEqualsEqualsToken, ['comparison', '!==']],
  [SyntaxKind.ExclamationEqualsEqualsToken, ['comparison', '===']],
  [SyntaxKind.PlusToken, ['arithmetic', '-']],
  [SyntaxKind.MinusToken, ['arithmetic', '+']],
  [SyntaxKind.AsteriskToken, ['arithmetic', '/']],
  [SyntaxKind.SlashToken, ['arithmetic', '*']],
  [SyntaxKind.PercentToken, ['arithmetic', '*']],
  [SyntaxKind.PlusEqualsToken, ['arithmetic', '-=']],
  [SyntaxKind.MinusEqualsToken, ['arithmetic', '+=']],
]);
const RELATIONS: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [SyntaxKind.LessThanToken, '>='],
  [SyntaxKind.LessThanEqualsToken, '>'],
  [SyntaxKind.GreaterThanToken, '<='],
  [SyntaxKind.GreaterThanEqualsToken, '<'],
]);
/** The operators of Kysely's conditions, which it takes as texts. */
const QUERY_OPERATORS: Readonly<Record<string, string>> = {
  '=': '!=',
  '!=': '=',
  '<>': '=',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  in: 'not in',
  'not in': 'in',
  is: 'is not',
  'is not': 'is',
};
/** Calls that narrow or order what they are called on: without them it stays as it was. */
const STEPS = new Set(
  'where whereRef having filter orderBy limit offset distinct trim toLowerCase toUpperCase normalize slice replace replaceAll toSorted toReversed'.split(
    ' ',
  ),
);
const COUNTERPARTS: Readonly<Record<string, string>> = {
  min: 'max',
  max: 'min',
  floor: 'ceil',
  ceil: 'floor',
  some: 'every',
  every: 'some',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
};
/** Calls whose texts name columns and tables: another name is an error at once and tells nothing. */
const NAMING = new Set(
  'from rows select selectFrom innerJoin leftJoin orderBy groupBy where whereRef on onRef ref as insert insertNew insertInto update updateTable remove deleteFrom nextId nextIds nextNumber having sum min max count countAll coalesce val lit refuse columns column expectConsole'.split(
    ' ',
  ),
);

/** What can be changed at a node itself; its parts come by themselves. */
export function editsOfCode(node: ts.Node, source: ts.SourceFile): Edit[] {
  if (ts.isIfStatement(node)) return editsOfIf(node, source);
  if (ts.isConditionalExpression(node))
    return decided('condition', node.condition, source, ['true', 'false']);
  if (ts.isWhileStatement(node)) return decided('condition', node.expression, source, ['false']);
  if (ts.isBinaryExpression(node)) return editsOfBinary(node, source);
  if (ts.isPrefixUnaryExpression(node)) return editsOfPrefix(node, source);
  if (ts.isPostfixUnaryExpression(node)) return editsOfPostfix(node, source);
  if (ts.isNumericLiteral(node) || ts.isBigIntLiteral(node)) return editsOfNumber(node, source);
  if (node.kind === SyntaxKind.TrueKeyword) return [replace('boolean', node, source, 'false')];
  if (node.kind === SyntaxKind.FalseKeyword) return [replace('boolean', node, source, 'true')];
  if (ts.isStringLiteralLike(node)) return editsOfString(node, source);
  if (ts.isRegularExpressionLiteral(node)) return editsOfPattern(node, source);
  if (ts.isCallExpression(node)) return editsOfCall(node, source);
  if (ts.isArrayLiteralExpression(node)) return editsOfArray(node, source);
  if (ts.isExpressionStatement(node) || ts.isThrowStatement(node)) return editsOfStatement(node, source);
  if (ts.isObjectLiteralExpression(node)) return editsOfObject(node, source);
  return [];
}

function replace(kind: string, node: ts.Node, source: ts.SourceFile, after: string): Edit {
  return { kind, start: node.getStart(source), end: node.end, after };
}

function decided(kind: string, node: ts.Node, source: ts.SourceFile, answers: readonly string[]): Edit[] {
  return answers.map((answer) => replace(kind, node, source, answer));
}

/** Without its `else`, an `if` that is never true is a guard that was forgotten. */
function editsOfIf(node: ts.IfStatement, source: ts.SourceFile): Edit[] {
  const kind = node.elseStatement ? 'condition' : 'guard';
  return decided(kind, node.expression, source, ['true', 'false']);
}

function editsOfBinary(node: ts.BinaryExpression, source: ts.SourceFile): Edit[] {
  const { kind } = node.operatorToken;
  const left = node.left.getText(source);
  const right = node.right.getText(source);
  if (kind === SyntaxKind.AmpersandAmpersandToken || kind === SyntaxKind.BarBarToken)
    return [
      replace('half a condition', node, source, left),
      replace('half a condition', node, source, right),
    ];
  if (kind === SyntaxKind.QuestionQuestionToken) return [replace('the stand-in always', node, source, right)];
  const turn = OPERATORS.get(kind);
  if (turn === undefined || (kind === SyntaxKind.PlusToken && joinsTexts(node))) return [];
  const turned = replace(turn[0], node.operatorToken, source, turn[1]);
  if (isDecided(node) && turn[0] === 'comparison') return [];
  const opposite = RELATIONS.get(kind);
  if (opposite === undefined || isDecided(node)) return [turned];
  return [turned, replace('comparison', node.operatorToken, source, opposite)];
}

/** It is the whole condition of an `if` or the like, which is made always true and never true anyway. */
function isDecided(node: ts.Node): boolean {
  const { parent } = node;
  return (
    (ts.isIfStatement(parent) && parent.expression === node) ||
    (ts.isConditionalExpression(parent) && parent.condition === node) ||
    ts.isWhileStatement(parent)
  );
}

function joinsTexts({ left, right }: ts.BinaryExpression): boolean {
  return [left, right].some(
    (side) =>
      ts.isStringLiteralLike(side) ||
      ts.isTemplateExpression(side) ||
      (ts.isBinaryExpression(side) && joinsTexts(side)),
  );
}

function editsOfPrefix(node: ts.PrefixUnaryExpression, source: ts.SourceFile): Edit[] {
  const operand = node.operand.getText(source);
  if (node.operator === SyntaxKind.MinusToken) return [replace('sign', node, source, operand)];
  if (node.operator === SyntaxKind.ExclamationToken && !isDecided(node))
    return [replace('negation', node, source, operand)];
  return [];
}

function editsOfPostfix(node: ts.PostfixUnaryExpression, source: ts.SourceFile): Edit[] {
  const after = node.operator === SyntaxKind.PlusPlusToken ? '--' : '++';
  return [replace('arithmetic', node, source, node.operand.getText(source) + after)];
}

function editsOfNumber(node: ts.NumericLiteral | ts.BigIntLiteral, source: ts.SourceFile): Edit[] {
  // How many rows are asked for where one is read is a matter of speed.
  if (calledWith(node) === 'limit') return [];
  if (ts.isBigIntLiteral(node))
    return [replace('number', node, source, `${BigInt(node.text.slice(0, -1)) + 1n}n`)];
  return [replace('number', node, source, String(Number(node.text) + 1))];
}

function editsOfString(node: ts.StringLiteralLike, source: ts.SourceFile): Edit[] {
  const operator = operatorOfQuery(node);
  if (operator !== undefined) return [replace('query operator', node, source, `'${operator}'`)];
  if (isWordsForPeople(node.text) || isName(node)) return [];
  return [replace('text', node, source, node.text === '' ? "'?'" : "''")];
}

function operatorOfQuery(node: ts.StringLiteralLike): string | undefined {
  const { parent } = node;
  if (!ts.isCallExpression(parent) || parent.arguments[1] !== node || parent.arguments.length < 3)
    return undefined;
  return QUERY_OPERATORS[node.text];
}

/** What has blanks in it is said to somebody: whether it is said well is not for a machine to find. */
function isWordsForPeople(text: string): boolean {
  return /\S\s+\S/.test(text);
}

/** The name of a property, a column, a module and so on. */
function isName(node: ts.StringLiteralLike): boolean {
  const { parent } = node;
  if (ts.isPropertyAssignment(parent) && parent.name === node) return true;
  if (
    ts.isCaseClause(parent) ||
    (ts.isCallExpression(parent) && parent.expression.kind === SyntaxKind.ImportKeyword)
  )
    return true;
  const call = calledWith(node) ?? (ts.isArrayLiteralExpression(parent) ? calledWith(parent) : undefined);
  if (call === undefined || !NAMING.has(call)) return false;
  // The third of `where(column, operator, value)` is a value.
  const place = ts.isCallExpression(parent) ? parent.arguments.indexOf(node) : 0;
  return !(call === 'where' && (place === 2 || !ts.isCallExpression(parent)));
}

/** The method or function that a node is an argument of. */
function calledWith(node: ts.Node): string | undefined {
  const { parent } = node;
  if (!ts.isCallExpression(parent) || parent.expression === node) return undefined;
  if (ts.isIdentifier(parent.expression)) return parent.expression.text;
  return ts.isPropertyAccessExpression(parent.expression) ? parent.expression.name.text : undefined;
}

/** A pattern that must match from the first letter to the last, and then need not. */
function editsOfPattern(node: ts.RegularExpressionLiteral, source: ts.SourceFile): Edit[] {
  const flags = node.text.lastIndexOf('/');
  const body = node.text.slice(1, flags);
  const rest = node.text.slice(flags);
  const edits: Edit[] = [];
  if (body.startsWith('^')) edits.push(replace('pattern', node, source, `/${body.slice(1)}${rest}`));
  if (body.endsWith('$') && !body.endsWith('\\$'))
    edits.push(replace('pattern', node, source, `/${body.slice(0, -1)}${rest}`));
  return edits;
}

function editsOfCall(node: ts.CallExpression, source: ts.SourceFile): Edit[] {
  if (!ts.isPropertyAccessExpression(node.expression)) return [];
  const { name, expression } = node.expression;
  const edits: Edit[] = [];
  if (STEPS.has(name.text) && !ts.isExpressionStatement(node.parent))
    edits.push({ kind: 'step left out', start: expression.end, end: node.end, after: '' });
  const counterpart = Object.hasOwn(COUNTERPARTS, name.text) ? COUNTERPARTS[name.text] : undefined;
  if (counterpart !== undefined && !isAggregate(node))
    edits.push(replace('counterpart', name, source, counterpart));
  return edits;
}

/** `eb.fn.min(…)`: PostgreSQL and SQLite have no `floor` in common, and Kysely checks the others. */
function isAggregate({ expression }: ts.CallExpression): boolean {
  return (
    ts.isPropertyAccessExpression(expression) &&
    /\bfn$/.test(expression.expression.getText()) &&
    !/^(?:min|max)$/.test(expression.name.text)
  );
}

/** One of the words or numbers of a list left out. */
function editsOfArray(node: ts.ArrayLiteralExpression, source: ts.SourceFile): Edit[] {
  const { elements } = node;
  const call = calledWith(node);
  if (elements.length < 2 || (call !== undefined && call !== 'where' && NAMING.has(call))) return [];
  if (ts.isVariableDeclaration(node.parent) && ts.isArrayBindingPattern(node.parent.name)) return [];
  if (!elements.every((element) => ts.isLiteralExpression(element) || ts.isArrayLiteralExpression(element)))
    return [];
  // A list in a list is a row: without one of its cells it is another row.
  if (ts.isArrayLiteralExpression(node.parent)) return [];
  return elements.map((element, i) => without('element left out', elements, i, element, source));
}

/** A list's element or an object's property, with the comma that goes with it. */
function without(
  kind: string,
  list: ts.NodeArray<ts.Node>,
  i: number,
  node: ts.Node,
  source: ts.SourceFile,
): Edit {
  const next = list[i + 1];
  const start = next || i === 0 ? node.getStart(source) : list[i - 1]!.end;
  return { kind, start, end: next ? next.getStart(source) : node.end, after: '' };
}

function editsOfStatement(node: ts.ExpressionStatement | ts.ThrowStatement, source: ts.SourceFile): Edit[] {
  // The guard above it is made to never hold, which is the same.
  if (ts.isIfStatement(node.parent)) return [];
  if (ts.isBlock(node.parent) && node.parent.statements.length === 1 && ts.isIfStatement(node.parent.parent))
    return [];
  return [replace('statement left out', node, source, ';')];
}

/** Each column of an update by itself is not written. */
function editsOfObject(node: ts.ObjectLiteralExpression, source: ts.SourceFile): Edit[] {
  if (calledWith(node) !== 'set' || node.properties.length < 2) return [];
  return node.properties.map((property, i) =>
    without('column not written', node.properties, i, property, source),
  );
}
