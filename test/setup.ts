import { afterAll, afterEach, beforeEach } from 'vitest';
import { settleConsole, watchConsole } from '#test/support/console.ts';
import { dropOwnDatabases } from '#test/support/postgres.ts';

beforeEach(watchConsole);
afterEach(settleConsole);
afterAll(dropOwnDatabases);
