import { expect, test } from 'vitest';
import { checkDatabase } from '#db/check.ts';
import { createCustomer } from '#src/customers/customers.ts';
import { findInvoice } from '#src/documents/invoice.ts';
import { issueInvoice } from '#src/documents/issue.ts';
import { money } from '#src/kernel/money.ts';
import { listMailbox } from '#src/outbox/mailbox.ts';
import { addMethod } from '#src/payments/methods/method-setup.ts';
import { scheduleOf } from '#src/payments/plans/plan-schedule.ts';
import { findPlan } from '#src/payments/plans/plan.ts';
import { approvePlan, attachPlan } from '#src/payments/plans/plans.ts';
import { customerScope } from '#src/scope.ts';
import { workOnce } from '#src/work.ts';
import { ENGINES, openHouse, WORKING_CARD } from '#test/support/house.ts';

const DAY = 86_400_000;

/**
 * One large invoice in twelve instalments, approved with a card. The card is good until April 2027, so May's instalment fails; with a new card
 * it is collected by itself before its retry, and everything else comes on its day.
 */
test.each(ENGINES)(
  'twelve instalments, of which one fails until there is a new card, on %s',
  async (engine) => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const customer = await createCustomer(merchant, { name: 'Müller', email: 'petra@mueller.example' });
    const scope = customerScope(merchant, customer.id, 'customer:petra@mueller.example');
    const invoice = await issueInvoice(merchant, {
      customerId: customer.id,
      currency: 'EUR',
      date: '2026-11-23',
      dueDate: '2026-12-07',
      lines: [{ name: 'A machine', unitCost: '1000.00', amountMinor: 100_000 }],
    });
    const wish = { first: '2026-12-31', every: 'month', count: 12 } as const;
    const { hash } = await attachPlan(merchant, invoice.id, scheduleOf(money(100_000, 'EUR'), wish));
    const card = (nonce: string, number: string, expMonth: number, expYear: number) =>
      addMethod(scope, {
        nonce,
        with: { kind: 'card', card: { ...WORKING_CARD, number, expMonth, expYear } },
        makeDefault: true,
      });
    const kept = await card('the first card of the plan', '4242424242424242', 4, 2027);
    const methodId = kept.state === 'saved' ? kept.methodId : 0;
    await approvePlan(scope, {
      invoiceId: invoice.id,
      hash,
      methodId,
      ip: '203.0.113.7',
      userAgent: 'Firefox',
    });

    const taken: string[] = [];
    let booked = 0;
    for (let day = 0; day < 390; day++) {
      house.clock.move(DAY);
      const today = house.clock.now().toZonedDateTimeISO('Europe/Berlin').toPlainDate().toString();
      // Nothing else is asked for: the background work finds that there is a new card.
      if (today === '2027-06-01') await card('the second card of the plan', '5454545454545454', 12, 2030);
      await workOnce(house.app);
      for (const { minor, state } of house.gateway.book().slice(booked))
        taken.push(`${today} ${minor} ${state}`);
      booked = house.gateway.book().length;
    }

    expect(taken).toEqual([
      '2026-12-31 8334 succeeded',
      '2027-01-31 8334 succeeded',
      '2027-02-28 8334 succeeded',
      '2027-03-31 8334 succeeded',
      '2027-04-30 8333 succeeded',
      '2027-05-31 8333 declined',
      '2027-06-01 8333 succeeded',
      '2027-06-30 8333 succeeded',
      '2027-07-31 8333 succeeded',
      '2027-08-31 8333 succeeded',
      '2027-09-30 8333 succeeded',
      '2027-10-31 8333 succeeded',
      '2027-11-30 8333 succeeded',
    ]);
    expect(await findPlan(scope, invoice.id)).toMatchObject({ state: 'finished', balance: { minor: 0 } });
    expect(await findInvoice(scope, invoice.clientId)).toMatchObject({ status: 'paid' });
    const subjects = (await listMailbox(merchant)).map(({ subject }) => subject);
    expect(subjects.filter((subject) => subject.startsWith('Receipt'))).toHaveLength(12);
    expect(subjects.filter((subject) => subject.includes('could not be collected'))).toHaveLength(1);
    const broken = (await checkDatabase(house.app.ports.store)).filter(
      ({ violations }) => violations.length > 0,
    );
    expect(broken).toEqual([]);
  },
);
