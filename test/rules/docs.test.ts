import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildProgram } from '#cli/program.ts';
import { ENVIRONMENT_NAMES } from '#src/config.ts';
import { SETTINGS } from '#src/tenants/settings-catalogue.ts';

const readme = readFileSync('README.md', 'utf8');

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
