import { add, type Money, money, subtract } from '#src/kernel/money.ts';
import { refuse } from '#src/kernel/errors.ts';
import type { CustomerScope, MerchantScope, OperatorScope } from '#src/scope.ts';
import { createCustomer } from '#src/customers/customers.ts';
import { accountBalances } from '#src/documents/account.ts';
import { listSettings } from '#src/tenants/settings.ts';
import { createTenant } from '#src/tenants/tenants.ts';

/*
 * What must not compile. Nothing here ever runs: the project's type check reads it, and fails where an expected error is missing.
 */

declare const operator: OperatorScope;
declare const merchant: MerchantScope;
declare const customer: CustomerScope;
declare const euros: Money;

/** Whose rows they are is not a column one could name. */
export function theTenantCannotBeNamed(): unknown[] {
  const { db } = merchant;
  return [
    // @ts-expect-error tenant_id cannot be selected
    db.from('invoices').select('tenant_id'),
    // @ts-expect-error tenant_id cannot be compared
    db.from('invoices').select('id').where('tenant_id', '=', 2),
    // @ts-expect-error tenant_id cannot be sorted by
    db.from('invoices').select('id').orderBy('tenant_id'),
    // @ts-expect-error tenant_id cannot be joined on
    db.from('invoices').innerJoin(db.rows('customers'), 'customers.tenant_id', 'invoices.customer_id'),
    // @ts-expect-error tenant_id cannot be changed
    db.update('idempotency_keys').set({ tenant_id: 2 }),
    // @ts-expect-error tenant_id cannot be the condition of a change
    db.update('idempotency_keys').set({ response: '1' }).where('tenant_id', '=', 2),
    // @ts-expect-error tenant_id cannot be the condition of a removal
    db.remove('idempotency_keys').where('tenant_id', '=', 2),
    // @ts-expect-error tenant_id cannot be written
    db.insert('idempotency_keys', { key: 'a', request_hash: 'b', created_at: 1, tenant_id: 2 }),
    // @ts-expect-error tenant_id cannot be written once
    db.insertNew('idempotency_keys', { key: 'a', request_hash: 'b', created_at: 1, tenant_id: 2 }),
  ];
}

/** A customer's handle adds the customer by itself, and reaches customers' tables alone. */
export function aCustomerReachesOwnRowsOnly(): unknown[] {
  const { db } = customer;
  const promise = { id: 1, invoice_id: 1, method: 'check', expected_date: '2026-12-01', created_at: 1 };
  return [
    // @ts-expect-error the customer is added by the handle
    db.insert('promises', { ...promise, made_by: 'customer', state: 'open', customer_id: 2 }),
    // @ts-expect-error settings are the merchant's
    db.from('settings'),
    // @ts-expect-error keys are the merchant's
    db.rows('keys'),
    // @ts-expect-error sessions are the merchant's
    db.remove('sessions'),
    // @ts-expect-error counters are the merchant's
    db.update('counters'),
    // @ts-expect-error sign-in links are the merchant's
    db.insert('email_links', []),
  ];
}

/** The handle has no way to a table that it did not filter. */
export function rawTablesCannotBeNamed(): unknown[] {
  const { db } = merchant;
  return [
    // @ts-expect-error the directory is the operator's
    db.from('tenants'),
    // @ts-expect-error the directory is the operator's
    db.rows('domains'),
    // @ts-expect-error the book of migrations is nobody's
    db.from('portal_migrations'),
    // @ts-expect-error a join names rows of the handle, never a table
    db.from('invoices').innerJoin('customers', 'customers.id', 'invoices.customer_id'),
    // @ts-expect-error a left join neither
    db.from('invoices').leftJoin('customers', 'customers.id', 'invoices.customer_id'),
    // @ts-expect-error the handle is not Kysely
    db.selectFrom('invoices'),
    // @ts-expect-error the merchant's scope has no ports
    merchant.ports,
    // @ts-expect-error the operator's directory has no tenant's rows
    operator.directory.selectFrom('invoices'),
    // @ts-expect-error no column that is not there
    db.from('invoices').select('totl_minor'),
    // @ts-expect-error no state that is not there
    db.from('invoices').select('id').where('state', '=', 'paid'),
    // @ts-expect-error a row lacks what must be given
    db.insert('idempotency_keys', { key: 'a', request_hash: 'b' }),
  ];
}

/** An operation's first parameter says who may call it. */
export function scopesCannotBeMistaken(): unknown[] {
  return [
    // @ts-expect-error a merchant's scope is no customer's: whose account?
    accountBalances(merchant, 'EUR'),
    // @ts-expect-error a customer cannot make customers
    createCustomer(customer, { name: 'Eve' }),
    // @ts-expect-error a customer cannot read the settings table
    listSettings(customer),
    // @ts-expect-error an operator's scope is no merchant's: which tenant?
    listSettings(operator),
    // @ts-expect-error a merchant cannot make tenants
    createTenant(merchant, { username: 'eve', name: 'Eve' }),
  ];
}

/** Money is not a number, and cannot be changed. */
export function moneyIsNotANumber(): unknown[] {
  return [
    // @ts-expect-error a number has no currency
    add(euros, 5),
    // @ts-expect-error a number has no currency
    subtract(5, euros),
    // @ts-expect-error money is not multiplied by the language
    euros * 2,
    // @ts-expect-error an amount needs its currency
    money(5),
    // @ts-expect-error text is no amount
    money('5', 'EUR'),
    // @ts-expect-error an amount stays as it is
    (euros.minor = 5),
    // @ts-expect-error a refusal has a code of the catalogue
    () => refuse('no_such_code'),
  ];
}
