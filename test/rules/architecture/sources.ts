import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** A file of the product, as the rules read it. */
export interface Source {
  /** From the project's folder: `src/kernel/money.ts`. */
  readonly path: string;
  readonly text: string;
}

export interface Import {
  /** `src/kernel/money.ts` for a file of ours, else the package's name or `node:fs`. */
  readonly target: string;
  readonly ours: boolean;
  /** `import type`: nothing of it is there at run time. */
  readonly typeOnly: boolean;
  /** Loaded only when the program comes to that place. */
  readonly lazy: boolean;
  readonly names: readonly string[];
  readonly line: number;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const CODE = /\.(?:ts|mjs|astro)$/;

/** Every code file of the product: `src`, `cli`, `db` and `templates`. */
export function productSources(): Source[] {
  return ['src', 'cli', 'db', 'templates'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => CODE.test(name))
      .toSorted()
      .map((name) => ({
        path: `${folder}/${name}`,
        text: readFileSync(join(root, folder, name), 'utf8'),
      })),
  );
}

/** The TypeScript of a file: itself, or the front matter and the scripts of an `.astro` file. */
export function scriptsOf(source: Source): ts.SourceFile[] {
  if (!source.path.endsWith('.astro')) return [parse(source.path, source.text)];
  const frontMatter = /^---\n([\s\S]*?)\n---/.exec(source.text)?.[1];
  const scripts = [...source.text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((found) => found[1]!);
  return [...(frontMatter === undefined ? [] : [frontMatter]), ...scripts].map((text) =>
    parse(source.path, text),
  );
}

/** The markup of an `.astro` file, without its front matter. */
export function markupOf(source: Source): string {
  return source.path.endsWith('.astro') ? source.text.replace(/^---\n[\s\S]*?\n---/, '') : '';
}

export function importsOf(source: Source): Import[] {
  const found: Import[] = [];
  for (const script of scriptsOf(source)) {
    walk(script, (node) => {
      const read = readImport(node);
      if (!read) return;
      const { line } = script.getLineAndCharacterOfPosition(node.getStart(script));
      found.push({ ...read, ...resolveFrom(source.path, read.specifier), line: line + 1 });
    });
  }
  return found;
}

export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

interface Read {
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly lazy: boolean;
  readonly names: readonly string[];
}

function readImport(node: ts.Node): Read | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    const clause = node.importClause;
    const typeOnly = clause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    return { specifier: node.moduleSpecifier.text, typeOnly, lazy: false, names: namesOf(clause) };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, typeOnly: node.isTypeOnly, lazy: false, names: [] };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments;
    if (argument && ts.isStringLiteralLike(argument)) {
      return { specifier: argument.text, typeOnly: false, lazy: true, names: [] };
    }
  }
  if (
    ts.isImportTypeNode(node) &&
    ts.isLiteralTypeNode(node.argument) &&
    ts.isStringLiteral(node.argument.literal)
  ) {
    return { specifier: node.argument.literal.text, typeOnly: true, lazy: false, names: [] };
  }
  return undefined;
}

function namesOf(clause: ts.ImportClause | undefined): string[] {
  const names = clause?.name ? ['default'] : [];
  const bindings = clause?.namedBindings;
  if (!bindings) return names;
  if (ts.isNamespaceImport(bindings)) return [...names, '*'];
  const values = bindings.elements.filter((element) => !element.isTypeOnly);
  return [...names, ...values.map((element) => (element.propertyName ?? element.name).text)];
}

function resolveFrom(path: string, specifier: string): { target: string; ours: boolean } {
  const plain = specifier.replace(/\?.*$/, '');
  if (plain.startsWith('#')) return { target: plain.slice(1), ours: true };
  if (plain.startsWith('.')) return { target: normalize(join(dirname(path), plain)), ours: true };
  if (plain.startsWith('node:')) return { target: plain, ours: false };
  const parts = plain.split('/');
  return { target: parts.slice(0, plain.startsWith('@') ? 2 : 1).join('/'), ours: false };
}

const parsed = new Map<string, ts.SourceFile>();

function parse(path: string, text: string): ts.SourceFile {
  const key = `${path}\n${text}`;
  const known = parsed.get(key);
  if (known) return known;
  const name = path.replace(/\.(?:astro|mjs)$/, '.ts');
  const script = ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, true);
  parsed.set(key, script);
  return script;
}
