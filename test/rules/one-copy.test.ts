import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const server = fileURLToPath(new URL('../../dist/server/', import.meta.url));

test('the built pages contain views only: the domain is loaded once, from its own files', () => {
  const bundled = readdirSync(server, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.mjs'))
    .flatMap((name) => [
      ...readFileSync(server + name, 'utf8').matchAll(/^\/\/ ((?:src|db|templates|cli)\/\S+)/gm),
    ])
    .map((match) => match[1] ?? '');
  expect(bundled.length).toBeGreaterThan(40);
  const views = /^src\/(?:pages|components|layouts|islands|styles)\/|^src\/middleware\.ts/;
  expect(bundled.filter((path) => !views.test(path))).toEqual([]);
});
