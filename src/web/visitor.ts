import type { Customer } from '#src/customers/customers.ts';
import { refuse } from '#src/kernel/errors.ts';
import { localeOf } from '#src/kernel/format.ts';
import { customerScope, type CustomerScope } from '#src/scope.ts';
import { type Account, presentCustomer } from '#src/signin/accounts.ts';
import type { Session } from '#src/signin/session.ts';
import type { PortalLocals } from '#src/locals.ts';
import { type Words, wordsIn } from '#src/words/words.ts';

/** The customer who is signed in, with the details that every page of theirs shows. */
export interface Visitor {
  readonly scope: CustomerScope;
  readonly session: Session;
  readonly customer: Customer;
  readonly account: Account;
  /** Every account of this person, for switching. */
  readonly accounts: readonly Account[];
  /** BCP 47: the customer's own language, else the tenant's. */
  readonly language: string;
  /** What their pages are said in. */
  readonly words: Words;
}

/**
 * Every page of an account begins with this. What the person may reach is asked anew on every request, so that taking an address off a
 * customer works at once. Refuses `sign_in_needed`, which leads to the sign-in page, and `not_allowed` to viewers where the page lets in who may pay.
 */
export async function visitor(locals: PortalLocals): Promise<Visitor> {
  const { merchant, session, entrance } = locals;
  if (!session) return refuse('sign_in_needed');
  const { accounts, customer } = await presentCustomer(merchant, session);
  const account = accounts.find(({ customerId }) => customerId === session.customerId);
  if (!account || !customer) return accounts.length > 0 ? refuse('choose_account') : refuse('sign_in_needed');
  if (entrance !== 'viewer' && account.role === 'viewer') return refuse('not_allowed');
  const own = customerScope(merchant, account.customerId, `customer:${session.email}`);
  const language = localeOf(customer.language, merchant.tenant.language);
  if (customer.language) locals.words = wordsIn(customer.language, merchant.tenant.language);
  return {
    scope: { ...own, language },
    session,
    customer,
    account,
    accounts,
    language,
    words: locals.words,
  };
}

/** Where somebody's browser is: evidence of what they agree to. */
export interface Whereabouts {
  readonly clientAddress: string;
  readonly userAgent: string;
}

export function whereaboutsOf({ clientAddress }: PortalLocals, request: Request): Whereabouts {
  return { clientAddress, userAgent: (request.headers.get('user-agent') ?? '').slice(0, 400) };
}
