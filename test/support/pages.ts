import type { Engine } from '#db/migrations/migration.ts';
import { createContact } from '#src/customers/contacts.ts';
import type { MerchantScope, CustomerScope } from '#src/scope.ts';
import { setCookie } from '#src/signin/cookie.ts';
import { createSessions } from '#src/signin/sessions.ts';
import { customerWithInvoices } from './house.ts';
import { fingerprintOf } from './mirror.ts';
import { withSettings } from './money.ts';
import { type Answer, formFields, type OpenPortal, openPortal, textOf, Visitor } from './portal.ts';
import { expect } from 'vitest';

/** A card as the test gateway's form sends it. */
export const TYPED_CARD = {
  number: '4242 4242 4242 4242',
  expiry: '12/30',
  cvc: '123',
  name: 'Petra Müller',
};
/** The same for an account in euros that works at once. */
export const TYPED_IBAN = { with: 'bank', bank_holder: 'Petra Müller', iban: 'DE75 5121 0800 1245 1261 99' };

/** Somebody who is signed in, at a portal of their own. */
export interface Guest {
  readonly open: OpenPortal;
  readonly merchant: MerchantScope;
  readonly scope: CustomerScope;
  readonly invoices: Awaited<ReturnType<typeof customerWithInvoices>>['invoices'];
  readonly visitor: Visitor;
}

/** A customer with invoices of these amounts (minor units), signed in at a tenant with these settings. */
export async function aGuest(
  engine: Engine,
  amounts: readonly number[] = [],
  settings: Readonly<Record<string, string>> = {},
  options: Parameters<typeof openPortal>[1] = {},
): Promise<Guest> {
  const open = await openPortal(engine, options);
  return guestOf(open, await withSettings(open, await open.tenant(), settings), amounts);
}

/** The same at a tenant that is there. */
export async function guestOf(
  open: OpenPortal,
  merchant: MerchantScope,
  amounts: readonly number[],
): Promise<Guest> {
  const { scope, invoices } = await customerWithInvoices(merchant, amounts);
  return {
    open,
    merchant,
    scope,
    invoices,
    visitor: await Visitor.signedIn(open, merchant, scope.customerId),
  };
}

/** The same customer seen by somebody who may look and not act. */
export async function asViewer({ open, merchant, scope }: Guest): Promise<Visitor> {
  const email = 'viewer@mueller.example';
  const { customerId } = scope;
  await createContact(merchant, { customerId, name: 'Vera', email, role: 'viewer' });
  const { token } = await createSessions(open.app.ports).issue(merchant, {
    email,
    customerId,
    scope: 'portal',
    method: 'email_link',
    address: '127.0.0.1',
    browser: 'tests',
  });
  const visitor = new Visitor(merchant.tenant.origin, open.portal.port);
  visitor.keep(setCookie(merchant.tenant.origin, 'portal', token, 600));
  return visitor;
}

/** The customer comes back on another day, when the session of the day before has ended. */
export function comesBack({ open, merchant, scope }: Guest): Promise<Visitor> {
  return Visitor.signedIn(open, merchant, scope.customerId);
}

type Values = Readonly<Record<string, string>> | ReadonlyArray<readonly [string, string]>;

/** Opens a page, fills in its form as a person would, and sends it. What is given stands in the place of what the form had. */
export async function send(visitor: Visitor, page: string, action: string, values: Values): Promise<Answer> {
  return visitor.post(action, await fill(visitor, page, action, values));
}

/** The fields of a page's form with what somebody fills in. */
export async function fill(
  visitor: Visitor,
  page: string,
  action: string,
  values: Values,
): Promise<Array<[string, string]>> {
  const html = (await visitor.get(page)).text;
  const typed = (Array.isArray(values) ? values : Object.entries(values)) as Array<[string, string]>;
  const own = new Set(typed.map(([name]) => name));
  return [...formFields(html, action).filter(([name]) => !own.has(name)), ...typed];
}

/** What a person reads where an answer leads. */
export async function readAfter(visitor: Visitor, answer: Answer): Promise<string> {
  return textOf((await visitor.follow(answer)).text);
}

/** The request is answered with this status, and not one byte of the tenant's rows is different afterwards. */
export async function changesNothing(
  { open, merchant }: Guest,
  status: number,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const before = await fingerprintOf(open, merchant.tenant.id);
  const answer = await ask();
  expect(answer.status, textOf(answer.text).slice(0, 300)).toBe(status);
  expect(await fingerprintOf(open, merchant.tenant.id)).toBe(before);
  return answer;
}
