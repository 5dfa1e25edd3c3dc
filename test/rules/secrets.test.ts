import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { masterSecret, openSecrets } from '#src/adapters/secrets.ts';

const MASTER = 'a master secret of more than 32 letters';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'portal-secret-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

test('what is sealed opens for its own tenant, purpose and installation alone', () => {
  const secrets = openSecrets(MASTER);
  const sealed = secrets.seal('key:api', 1, 'Größe ✓');
  expect(secrets.open('key:api', 1, sealed)).toBe('Größe ✓');
  expect(openSecrets(MASTER).open('key:api', 1, sealed)).toBe('Größe ✓');
  expect(() => secrets.open('key:api', 2, sealed)).toThrow('sealed for something else');
  expect(() => secrets.open('key:web', 1, sealed)).toThrow('sealed for something else');
  expect(() => openSecrets(`${MASTER}!`).open('key:api', 1, sealed)).toThrow('sealed for something else');
});

test('the same text is never sealed alike, and no changed byte goes unnoticed', () => {
  const secrets = openSecrets(MASTER);
  const sealed = secrets.seal('p', 1, 'text');
  expect(secrets.seal('p', 1, 'text')).not.toBe(sealed);
  const bytes = Buffer.from(sealed.slice(3), 'base64url');
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1;
    expect(() => secrets.open('p', 1, `v1.${changed.toString('base64url')}`)).toThrow(
      'sealed for something else',
    );
    expect(() => secrets.open('p', 1, `v1.${bytes.subarray(0, at).toString('base64url')}`)).toThrow(
      'sealed for something else',
    );
  }
  for (const text of ['', 'v1.', 'v2.AAAA', sealed.slice(3)])
    expect(() => secrets.open('p', 1, text)).toThrow('sealed for something else');
});

test('the master secret is made once, for its owner alone, and kept', () => {
  const dataDir = join(folder(), 'data');
  const made = masterSecret(dataDir);
  expect(made).toMatch(/^[\w-]{64}$/);
  expect(masterSecret(dataDir)).toBe(made);
  expect(statSync(join(dataDir, 'secret.key')).mode & 0o777).toBe(0o600);
  expect(readdirSync(dataDir)).toEqual(['secret.key']);
  expect(masterSecret(dataDir, MASTER)).toBe(MASTER);
});

test('a short secret is refused, and its file is left as it is', () => {
  const dataDir = folder();
  const path = join(dataDir, 'secret.key');
  for (const text of ['', 'short\n']) {
    writeFileSync(path, text);
    expect(() => masterSecret(dataDir)).toThrow(expect.objectContaining({ code: 'bad_config' }));
    expect(readFileSync(path, 'utf8')).toBe(text);
  }
  expect(() => openSecrets('short')).toThrow(expect.objectContaining({ code: 'bad_config' }));
});
