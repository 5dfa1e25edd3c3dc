import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Amounts, fill } from './data.ts';
import { get } from './http.ts';
import { type Environment, freePort, portal, type Running, servePortal } from './processes.ts';

/** A data folder with tenant 1, `bench`, and what it takes to run commands on it. */
export interface Place {
  readonly folder: string;
  readonly database: string;
  readonly port: number;
  readonly env: Environment;
}

/** Makes installations: migrated once, copied for each. */
export async function createPlaces(
  root: string,
): Promise<(name: string, amounts?: Amounts) => Promise<Place>> {
  const template = await placeAt(join(root, 'template'));
  await portal(['db', 'migrate'], template.env);
  await portal(
    ['tenant', 'create', 'bench', 'Bench GmbH', '--currency', 'EUR', '--country', 'DE'],
    template.env,
  );
  return async (name, amounts) => {
    const place = await placeAt(join(root, name));
    copyFileSync(template.database, place.database);
    copyFileSync(join(template.folder, 'secret.key'), join(place.folder, 'secret.key'));
    if (amounts) fill(place.database, amounts);
    return place;
  };
}

/** The portal serving a place, and the headers of somebody who is signed in as customer 1. */
export interface Session {
  readonly running: Running;
  readonly headers: Record<string, string>;
}

export async function serveSignedIn(place: Place): Promise<Session> {
  const running = await servePortal(place.env, place.port);
  const link = new URL((await portal(['magic-link', 'bench', '1'], place.env)).trim());
  const host = `bench.localhost:${place.port}`;
  const { headers } = await get(place.port, link.pathname, { host });
  const cookie = (headers['set-cookie'] ?? []).map((text) => text.split(';')[0]).join('; ');
  if (cookie === '') throw new Error('The magic link did not sign in.');
  return { running, headers: { host, cookie } };
}

async function placeAt(folder: string): Promise<Place> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const env = {
    PORTAL_DATA: folder,
    PORTAL_BASE_URL: `http://localhost:${port}`,
    PORTAL_PORT: String(port),
    PORTAL_LOG: 'error',
    NODE_ENV: 'production',
  };
  return { folder, database: join(folder, 'portal.db'), port, env };
}
