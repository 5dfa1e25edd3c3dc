import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { buildProgram } from '#cli/program.ts';
import { ENVIRONMENT_NAMES } from '#src/config.ts';
import { SETTINGS } from '#src/tenants/settings-catalogue.ts';

const readme = readFileSync('README.md', 'utf8');

test('the README opens with what this is, the two commands, a screenshot, and a map of the house', () => {
  const [title = '', what = '', commands = '', alike = '', picture = ''] = readme.split('\n\n');
  expect(title).toBe('# Billing portal');
  expect(what).toMatch(/customers see their invoices, .* hold the receipts: self-hosted/s);
  expect(commands).toMatch(/^```sh\nnpm run demo .*\nnpm test .*\n```$/);
  expect(alike).toContain('any Node from 20 on');
  expect(picture).toMatch(/^!\[.+\]\(\.github\/[\w-]+\.png\)$/);
  const map = readme.slice(readme.indexOf('\n## The map\n'), readme.indexOf("\n## The operator's guide\n"));
  for (const folder of ['src', 'cli', 'db', 'templates', 'test']) expect(map).toContain(`| [${folder}](`);
  expect(readme.indexOf('\n## ')).toBe(readme.indexOf('\n## The map\n'));
});

test('what a README links to is there', () => {
  const files = globSync('{*.md,{src,db,cli,templates,test}/**/README.md}', {
    exclude: ['**/node_modules/**'],
  });
  expect(files.length).toBeGreaterThan(4);
  const dead = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(join(dirname(file), target)))
      .map((target) => `${file}: ${target}`),
  );
  expect(dead).toEqual([]);
});

test('the README names every setting', () => {
  expect(Object.keys(SETTINGS).filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

test('the README names every environment variable', () => {
  expect(ENVIRONMENT_NAMES.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

test('the README names every command', async () => {
  const program = await buildProgram('all');
  const missing = program.commands.flatMap((group) => {
    const row = readme.split('\n').find((line) => line.includes(`\`portal ${group.name()}`)) ?? '';
    return [group.name(), ...group.commands.map((command) => command.name())].filter(
      (name) => !row.includes(name),
    );
  });
  expect(missing.filter((name) => name !== 'help')).toEqual([]);
});
