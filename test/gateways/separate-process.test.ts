import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { money } from '#src/kernel/money.ts';
import { cardSource } from '#test/support/house.ts';
import { startProcess } from './test-bench.ts';
import { testGatewayAt } from './test-gateway-client.ts';

test('a test gateway that is killed comes back with everything that it had answered', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'portal-gateway-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const book = join(folder, 'book.db');
  const account = { tenantId: 1 };
  const before = await startProcess(book);
  const reply = await testGatewayAt(before.address).charge({
    account,
    attemptId: 'a1',
    amount: money(1250, 'EUR'),
    source: cardSource(),
    save: true,
    customerRef: '7',
    offSession: false,
    description: 'INV-12',
  });
  before.child.kill('SIGKILL');
  await once(before.child, 'exit');
  await expect(testGatewayAt(before.address).lookup(account, 'a1')).rejects.toThrow('fetch failed');
  const after = await startProcess(book);
  onTestFinished(() => void after.child.disconnect());
  expect(await testGatewayAt(after.address).lookup(account, 'a1')).toEqual(reply);
});
