import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkDatabase } from '#db/check.ts';
import type { GatewayReply } from '#src/payments/gateways/gateway.ts';
import { settle } from '#src/payments/taking/settle.ts';
import { aPlace } from './histories.ts';
import { Person } from './person.ts';

test('any order of the same news from a gateway ends in the same state', { timeout: 120_000 }, async () => {
  const place = await aPlace('sqlite');
  const finals: GatewayReply[] = [
    { state: 'succeeded', gatewayPaymentId: '', methodLabel: 'Bank account ending 3000' },
    { state: 'declined', code: 'bank_debit_failed', message: 'returned' },
  ];
  await fc.assert(
    fc.asyncProperty(
      fc
        .constantFrom(...finals)
        .chain((final) => fc.tuple(fc.constant(final), fc.shuffledSubarray(newsOf(final), { minLength: 4 }))),
      async ([final, news]) => {
        const person = await Person.meet(place, [5_000]);
        place.faults.next = 'lose_request';
        const attemptId = await person.pay([0], 100, 'clears');
        for (const one of news) {
          const told = 'gatewayPaymentId' in one ? { ...one, gatewayPaymentId: `test_${attemptId}` } : one;
          await settle(person.scope, attemptId!, told);
        }
        const [invoice] = await person.scope.db
          .from('invoices')
          .select(['balance_minor', 'pending_minor'])
          .execute();
        const balance = final.state === 'succeeded' ? 0 : 5_000;
        expect(invoice).toEqual({ pending_minor: 0, balance_minor: balance });
      },
    ),
    { numRuns: 60 },
  );
  const broken = (await checkDatabase(place.house.app.ports.store)).filter(
    ({ violations }) => violations.length > 0,
  );
  expect(broken).toEqual([]);
});

/** What a gateway may say of a debit, each twice. */
function newsOf(final: GatewayReply): GatewayReply[] {
  const under = { gatewayPaymentId: '', methodLabel: 'Bank account ending 3000' };
  return [{ state: 'processing', ...under }, { state: 'processing', ...under }, final, final];
}
