import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refuse } from '#src/kernel/errors.ts';
import type { Secrets } from '#src/scope.ts';

const LEAST_CHARACTERS = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'v1.';

/**
 * Seals with AES-256-GCM. Each purpose has its own key (HKDF-SHA-256, RFC 5869, from the installation's master secret), and tenant
 * and purpose are authenticated with the text: what was sealed for one slot does not open in another. Refuses `bad_config` when the
 * master secret is too short.
 */
export function openSecrets(master: string): Secrets {
  if (master.length < LEAST_CHARACTERS) {
    refuse('bad_config', {
      name: 'PORTAL_SECRET',
      reason: `must have at least ${LEAST_CHARACTERS} characters`,
    });
  }
  const keys = new Map<string, Buffer>();
  const keyOf = (purpose: string): Buffer => {
    const key = keys.get(purpose) ?? Buffer.from(hkdfSync('sha256', master, 'billing-portal', purpose, 32));
    keys.set(purpose, key);
    return key;
  };
  return {
    seal: (purpose, tenantId, text) => seal(keyOf(purpose), context(purpose, tenantId), text),
    open: (purpose, tenantId, sealed) => open(keyOf(purpose), context(purpose, tenantId), sealed),
  };
}

/** Where the installation's secret is kept, unless it is configured. */
export function secretFile(dataDir: string): string {
  return join(dataDir, 'secret.key');
}

export function hasSecret(dataDir: string): boolean {
  return existsSync(secretFile(dataDir));
}

/**
 * The installation's master secret: the configured one, or that of `secret.key` in the data folder, which is made at first use
 * with mode 0600 (two processes that start together agree on one). Refuses `bad_config` when the file is too short to be one.
 */
export function masterSecret(dataDir: string, configured?: string): string {
  if (configured !== undefined) return configured;
  const path = secretFile(dataDir);
  const text = readIfThere(path) ?? makeSecret(dataDir, path);
  if (text.length < LEAST_CHARACTERS) {
    refuse('bad_config', { name: path, reason: 'is too short to be a secret; restore it from your backup' });
  }
  return text;
}

function seal(key: Buffer, aad: Buffer, text: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad);
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return VERSION + Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
}

function open(key: Buffer, aad: Buffer, sealed: string): string {
  try {
    return decrypt(key, aad, sealed);
  } catch {
    throw new Error('This text was sealed for something else, or it was changed.');
  }
}

function decrypt(key: Buffer, aad: Buffer, sealed: string): string {
  if (!sealed.startsWith(VERSION)) throw new Error('Not a sealed text.');
  const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url');
  const tagAt = NONCE_BYTES;
  const bodyAt = tagAt + TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, tagAt), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(aad).setAuthTag(bytes.subarray(tagAt, bodyAt));
  return Buffer.concat([decipher.update(bytes.subarray(bodyAt)), decipher.final()]).toString('utf8');
}

function context(purpose: string, tenantId: number): Buffer {
  return Buffer.from(JSON.stringify([VERSION, tenantId, purpose]));
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A hard link appears at once with its whole content and never replaces a file: the first process wins, the others read. */
function makeSecret(dataDir: string, path: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, `${randomBytes(48).toString('base64url')}\n`, {
    mode: 0o600,
    flag: 'wx',
    flush: true,
  });
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft);
  }
  return readFileSync(path, 'utf8').trim();
}
