import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { TestProject } from 'vitest/node';
import { startPostgres } from '#test/support/postgres-server.ts';
import type { PostgresServer } from '#test/support/postgres-server.ts';
import { folderInMemory } from '#test/support/temporary.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** POST here starts the run's PostgreSQL, once, and answers its address. */
    postgresStarter: string;
  }
}

/** Once per project of the run: keeps temporary files in memory where it can, offers PostgreSQL to whoever asks, and cleans up at the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const memory = folderInMemory();
  if (memory !== undefined) process.env['TMPDIR'] = memory;
  // Who runs some test files many times over starts one server for them all.
  const shared = process.env['TESTS_POSTGRES'];
  let server: Promise<PostgresServer> | undefined =
    shared === undefined ? undefined : Promise.resolve({ url: shared, stop: async () => {} });
  const starter = createServer((_request, response) => {
    server ??= startPostgres();
    server.then(
      ({ url }) => response.end(url),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((done) => starter.listen(0, '127.0.0.1', done));
  const address = starter.address();
  if (address === null || typeof address === 'string') throw new Error('No TCP address.');
  project.provide('postgresStarter', `http://127.0.0.1:${address.port}/`);
  return async () => {
    starter.close();
    starter.closeAllConnections();
    await server?.then(
      (running) => running.stop(),
      () => undefined,
    );
    if (memory !== undefined) rmSync(memory, { recursive: true, force: true });
  };
}
