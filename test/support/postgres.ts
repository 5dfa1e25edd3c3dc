import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';

/** Databases made by this test file and not yet dropped. */
const own = new Set<string>();
let server: Promise<string> | undefined;

/**
 * The address of the test run's PostgreSQL, as the superuser of database `postgres`. The first caller of the whole
 * run makes it start (about two seconds); a run that never asks never starts it.
 */
export function postgresUrl(): Promise<string> {
  server ??= askForServer();
  return server;
}

/**
 * A database of the caller's own, copied from the template `templateName`, and its address. The first caller of the
 * run that names a template fills it with `prepare` (migrations, for example), which must close its connections.
 * What is not dropped with `dropDatabase` is dropped when the test file ends.
 */
export async function freshDatabase(
  templateName: string,
  prepare: (url: string) => Promise<void> = async () => {},
): Promise<string> {
  const url = await postgresUrl();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await withClient(url, async (client) => {
    await ensureTemplate(client, url, templateName, prepare);
    // Copying the files takes half the time of logging their pages, which is the default.
    await client.query(`create database ${quote(name)} template ${quote(templateName)} strategy file_copy`);
  });
  own.add(name);
  return databaseUrl(url, name);
}

/** Drops a database that `freshDatabase` made, whoever is still connected to it. */
export async function dropDatabase(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  if (!own.delete(name)) throw new Error(`Database ${name} was not made by this test file.`);
  await withClient(await postgresUrl(), (client) => drop(client, name));
}

/** Drops what this test file left behind. Called by the setup file. */
export async function dropOwnDatabases(): Promise<void> {
  if (own.size === 0) return;
  await withClient(await postgresUrl(), async (client) => {
    for (const name of own) await drop(client, name);
  });
  own.clear();
}

async function askForServer(): Promise<string> {
  const response = await fetch(inject('postgresStarter'), { method: 'POST' });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

/** Template databases are made under an advisory lock, under a working name first: a half-filled one is never copied. */
async function ensureTemplate(
  client: Client,
  url: string,
  name: string,
  prepare: (url: string) => Promise<void>,
): Promise<void> {
  if (await exists(client, name)) return;
  await client.query('select pg_advisory_lock(hashtext($1))', [name]);
  if (!(await exists(client, name))) {
    const draft = `${name}_draft`;
    await client.query(`drop database if exists ${quote(draft)} with (force)`);
    await client.query(`create database ${quote(draft)}`);
    await prepare(databaseUrl(url, draft));
    await client.query(`alter database ${quote(draft)} rename to ${quote(name)}`);
  }
  await client.query('select pg_advisory_unlock(hashtext($1))', [name]);
}

async function exists(client: Client, name: string): Promise<boolean> {
  const found = await client.query('select 1 from pg_database where datname = $1', [name]);
  return found.rows.length > 0;
}

async function drop(client: Client, name: string): Promise<void> {
  await client.query(`drop database if exists ${quote(name)} with (force)`);
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function databaseUrl(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
