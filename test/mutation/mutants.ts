import ts from 'typescript';
import { editsOfCode } from './code-edits.ts';
import { editsOfSql, isSql } from './sql-edits.ts';

/** One small change to a source, by which it does something else. */
export interface Mutant {
  /** Relative to the project. */
  readonly path: string;
  /** Offsets of what is replaced, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly after: string;
  /** What kind of change it is, in a word or two. */
  readonly kind: string;
  /** Counted from 1. */
  readonly line: number;
}

/** What an operator answers: replace what stands from `start` to `end`. */
export type Edit = Pick<Mutant, 'start' | 'end' | 'after' | 'kind'>;

/** Every mutant of a source, in the order of the text. Comments, types, imports and what is written for people stay as they are. */
export function mutantsOf(path: string, text: string): Mutant[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    if (isOnlyForTypes(node)) return;
    edits.push(...(isText(node) && isSql(node.text) ? editsOfSql(node, source) : editsOfCode(node, source)));
    ts.forEachChild(node, visit);
  };
  visit(source);
  const found = edits.filter(({ start, end, after }) => text.slice(start, end) !== after);
  const unlike = new Map(found.map((edit) => [`${edit.start} ${edit.end} ${edit.after}`, edit]));
  return [...unlike.values()]
    .toSorted((a, b) => a.start - b.start || a.end - b.end)
    .map((edit) => ({ ...edit, path, line: source.getLineAndCharacterOfPosition(edit.start).line + 1 }));
}

/** The text with the change made. */
export function mutated(text: string, { start, end, after }: Edit): string {
  return text.slice(0, start) + after + text.slice(end);
}

/** A change as one reads it: `a <= b → a < b`, in one line and not too long. */
export function described(text: string, { start, end, after, kind }: Edit): string {
  return `${kind}: ${short(text.slice(start, end))} → ${after === '' ? '(nothing)' : short(after)}`;
}

function short(code: string): string {
  const line = code.replaceAll(/\s+/g, ' ').trim();
  return line.length > 80 ? `${line.slice(0, 60)} … ${line.slice(-15)}` : line;
}

type Text =
  ts.StringLiteral | ts.NoSubstitutionTemplateLiteral | ts.TemplateHead | ts.TemplateMiddle | ts.TemplateTail;

function isText(node: ts.Node): node is Text {
  return ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
}

function isOnlyForTypes(node: ts.Node): boolean {
  return (
    ts.isTypeNode(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isTypeParameterDeclaration(node) ||
    ts.isModuleDeclaration(node) ||
    ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node)
  );
}
