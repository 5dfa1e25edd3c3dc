import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkDatabase } from '#db/check.ts';
import type { Engine } from '#db/migrations/migration.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { openMerchant } from '#src/tenants/tenants.ts';
import { openHouse } from '#test/support/house.ts';
import { booksOf } from './books.ts';
import { type Faults, Person, type Place } from './person.ts';
import { anyStep, INVOICES, type Step } from './steps.ts';

/*
 * Random histories of money, told to a real house: whatever customers, merchants, gateways and clocks do, and in whatever order, the books have
 * what the gateway took, less what it gave back. MONEY_HISTORIES sets how many (the full form: 100000); without it a few hundred run.
 */
const HISTORIES = Number(process.env['MONEY_HISTORIES'] ?? 240);
/** PostgreSQL tells one in so many: it is slower, and the rules are the same. */
const SHARE: Readonly<Record<Engine, number>> = { sqlite: 0.9, postgres: 0.1 };
/** Histories that share one house: the customers of a history see nothing of the others. */
const IN_ONE_HOUSE = 150;

/** The histories of one engine, as a test. */
export function describeHistories(engine: Engine): void {
  const histories = Math.ceil(HISTORIES * SHARE[engine]);
  describe(`on ${engine}`, () => {
    test(
      `after each of ${histories} random histories the books have exactly what the gateway took and has not given back`,
      // A hundred thousand take hours.
      { timeout: 15 * 60_000 + histories * 2000 },
      async () => {
        for (let told = 0; told < histories; told += IN_ONE_HOUSE)
          await tell(engine, Math.min(IN_ONE_HOUSE, histories - told));
      },
    );
  });
}

async function tell(engine: Engine, numRuns: number): Promise<void> {
  const place = await aPlace(engine);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: INVOICES, maxLength: INVOICES }),
      fc.array(anyStep, { minLength: 1, maxLength: 12 }),
      async (amounts, steps: Step[]) => {
        const person = await Person.meet(place, amounts);
        for (const step of steps) await person.take(step);
        const { found, expected } = await booksOf(person, place.house);
        expect(found).toEqual(expected);
        await person.rest();
      },
    ),
    { numRuns, endOnFailure: true },
  );
  await expectSound(place);
  await place.house.end();
}

/** Everything that `portal db check` verifies, over all the histories of a house. */
async function expectSound({ house }: Place): Promise<void> {
  const broken = (await checkDatabase(house.app.ports.store)).filter(
    ({ violations }) => violations.length > 0,
  );
  expect(broken).toEqual([]);
}

export async function aPlace(engine: Engine): Promise<Place> {
  const faults: Faults = { next: undefined };
  const house = await openHouse(engine, { fault: () => faults.next });
  const merchant = await house.tenant();
  for (const name of ['payments.partial', 'payments.advance']) await setSetting(merchant, name, 'on');
  await setSetting(merchant, 'payments.instructions_wire_transfer', 'IBAN DE02 1203 0000 0000 2020 51');
  // In a history everything happens at the same moment, until it lets days pass.
  await setSetting(merchant, 'payments.most_tries', '10000');
  return { house, merchant: await openMerchant(house.app.operator(), merchant.tenant), faults };
}
