import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(root, 'test', 'types');
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(folder, name));

function project(): ts.ParsedCommandLine {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, root);
}

test('what must not compile is read by the project’s type check', () => {
  const { fileNames } = project();
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((file) => !fileNames.includes(file))).toEqual([]);
});

test('what must not compile does not: naming a tenant, a raw table or the wrong scope, money as a number', () => {
  const program = ts.createProgram(files, project().options);
  const found = files.flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'),
    );
  });
  expect(found).toEqual([]);
  const expected = files.flatMap((file) => readFileSync(file, 'utf8').match(/@ts-expect-error \w/g) ?? []);
  expect(expected.length).toBeGreaterThan(30);
}, 60_000);
