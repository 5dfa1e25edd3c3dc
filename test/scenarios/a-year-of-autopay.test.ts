import { expect, test } from 'vitest';
import { checkDatabase } from '#db/check.ts';
import { createCustomer } from '#src/customers/customers.ts';
import { issueInvoice } from '#src/documents/issue.ts';
import { listMailbox } from '#src/outbox/mailbox.ts';
import { retryAutopay } from '#src/payments/collecting/autopay.ts';
import { addMethod } from '#src/payments/methods/method-setup.ts';
import { recentPayments } from '#src/payments/receipts/receipts.ts';
import { customerScope } from '#src/scope.ts';
import { workOnce } from '#src/work.ts';
import { ENGINES, openHouse, WORKING_CARD } from '#test/support/house.ts';

const DAY = 86_400_000;
const card = (number: string, expMonth: number, expYear: number) =>
  ({ kind: 'card', card: { ...WORKING_CARD, number, expMonth, expYear } }) as const;

/**
 * Twelve invoices, one a month, collected by AutoPay. The card is good until May: June's invoice fails, is retried after three days, and is
 * paid at once when the customer adds a new card two days later. The clock then goes on to the end of the year.
 */
test.each(ENGINES)(
  'a year of AutoPay, with a card that expires in its seventh month, on %s',
  async (engine) => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const customer = await createCustomer(merchant, { name: 'Müller', email: 'petra@mueller.example' });
    const scope = customerScope(merchant, customer.id, 'customer:petra@mueller.example');
    const first = {
      nonce: 'the first card, enrolled',
      with: card('4242424242424242', 5, 2027),
      autopay: true,
    };
    expect(await addMethod(scope, first)).toMatchObject({ state: 'saved' });

    const collected: string[] = [];
    const atOnce: string[] = [];
    const today = () => house.clock.now().toZonedDateTimeISO('Europe/Berlin').toPlainDate();
    for (let day = 0; day < 375; day++) {
      house.clock.move(DAY);
      const date = today();
      if (date.day === 1 && date.toString() < '2027-12-01') {
        await issueInvoice(merchant, {
          customerId: customer.id,
          currency: 'EUR',
          date: date.toString(),
          dueDate: date.with({ day: 15 }).toString(),
          lines: [
            { name: `Paper, ${date.toPlainYearMonth().toString()}`, unitCost: '99.90', amountMinor: 9_990 },
          ],
        });
      }
      const { collected: tries } = await workOnce(house.app);
      if (tries > 0) collected.push(date.toString());
      if (date.toString() === '2027-06-20') {
        const second = {
          nonce: 'the second card, default',
          with: card('5454545454545454', 12, 2030),
          makeDefault: true,
        };
        await addMethod(scope, second);
        for (const { outcome } of await retryAutopay(scope)) atOnce.push(outcome.state);
      }
    }

    const months = ['12', '01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11'];
    const dueDays = months.map((month) => `${month === '12' ? 2026 : 2027}-${month}-15`);
    expect(collected).toEqual([...dueDays, '2027-06-18'].toSorted());
    expect(atOnce).toEqual(['succeeded']);
    const payments = await recentPayments(scope, 20);
    expect(payments.map(({ date }) => date).toSorted()).toEqual(
      dueDays.map((date) => (date === '2027-06-15' ? '2027-06-20' : date)).toSorted(),
    );
    expect(payments.filter(({ methodLabel }) => methodLabel === 'Mastercard ending 5454')).toHaveLength(6);
    const succeeded = house.gateway.book().filter(({ state }) => state === 'succeeded');
    expect(succeeded).toHaveLength(12);
    expect(house.gateway.book()).toHaveLength(14);

    const mails = await listMailbox(merchant);
    expect(mails.filter(({ subject }) => subject.startsWith('Receipt'))).toHaveLength(12);
    expect(mails.filter(({ subject }) => subject.includes('could not be collected'))).toHaveLength(2);
    const broken = (await checkDatabase(house.app.ports.store)).filter(
      ({ violations }) => violations.length > 0,
    );
    expect(broken).toEqual([]);
  },
);
