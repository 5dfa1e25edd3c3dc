import { z } from 'zod';
import type { ScopedRow } from '#db/scoped.ts';
import { refuse } from '../../kernel/errors.ts';
import { nowMs } from '../../kernel/time.ts';
import { recordEvent } from '../../outbox/events.ts';
import { type CustomerScope, transact } from '../../scope.ts';
import { FIRST_LOOK_MS } from '../attempts/looks.ts';
import type { SetupReply } from '../gateways/gateway.ts';
import { accountAt, gatewayNamed } from '../gateways/gateways.ts';
import { enrol, makeDefault } from './enrolment.ts';
import { keepInstrument, nameMethod } from './methods.ts';

/** An instrument that is being kept, as it is committed before the gateway hears of it. */
export type Setup = ScopedRow<'method_setups'>;

/** What is to become of the instrument once it is kept. */
const SetupWishes = z.object({
  label: z.string().nullable(),
  makeDefault: z.boolean(),
  /** Enrol in AutoPay with it. */
  autopay: z.boolean(),
  /** Where a bank account is held, ISO 3166. */
  bankCountry: z.string().optional(),
  /** What the payer agreed to by giving it. */
  mandate: z.string().optional(),
});
export type SetupWishes = z.infer<typeof SetupWishes>;

/** What became of it. `verifying`: two small deposits are on their way; `action_required`: the bank asks first. */
export type SetupOutcome =
  | { readonly state: 'saved' | 'verifying'; readonly methodId: number }
  | { readonly state: 'action_required'; readonly setupId: string }
  | Extract<SetupReply, { readonly state: 'declined' }>;

/** What a declined instrument is called in the event trail. */
export const DECLINED = 'payment_method.declined';

/** Whether the payer enrols in AutoPay with what is being kept. */
export function wantsAutopay({ wishes }: Setup): boolean {
  return SetupWishes.parse(JSON.parse(wishes)).autopay;
}

/** The setup that a form already began, if it did. */
export function setupOf(scope: CustomerScope, setupId: string): Promise<Setup | undefined> {
  return scope.db.from('method_setups').selectAll().where('id', '=', setupId).executeTakeFirst();
}

/** Refuses `not_found`. */
export async function findSetup(scope: CustomerScope, setupId: string): Promise<Setup> {
  return (await setupOf(scope, setupId)) ?? refuse('not_found', { what: 'payment method' });
}

/** Commits what is wished, before the gateway is asked; the first of several such forms counts. */
export async function commitSetup(
  scope: CustomerScope,
  setupId: string,
  gateway: string,
  wishes: SetupWishes,
): Promise<Setup> {
  const now = nowMs(scope.clock);
  await scope.db.insertNew('method_setups', {
    id: setupId,
    gateway,
    state: 'submitted',
    wishes: JSON.stringify(wishes),
    created_at: now,
    look_at: now + FIRST_LOOK_MS,
  });
  return findSetup(scope, setupId);
}

/**
 * The one place where a setup becomes an instrument that is kept: the gateway's answer, its webhook, the payer who comes back from their bank and
 * the reconciler come here, in any order and any number of times. A declined one leaves a line in the event trail. Refuses `not_found`.
 */
export function settleSetup(scope: CustomerScope, setupId: string, reply: SetupReply): Promise<Setup> {
  return transact(scope, async (within) => {
    const setup = await findSetup(within, setupId);
    if (setup.state === 'saved' || setup.state === 'declined') return setup;
    // Too late to ask; a payer who answers their bank all the same is heard.
    if (setup.state === 'given_up' && reply.state === 'action_required') return setup;
    const now = nowMs(within.clock);
    const settled = { look_at: null, settled_at: now, challenge: null };
    switch (reply.state) {
      case 'saved':
        await note(within, setup, {
          state: 'saved',
          payment_method_id: await keep(within, setup, reply),
          ...settled,
        });
        break;
      case 'declined':
        await note(within, setup, {
          state: 'declined',
          failure_code: reply.code,
          failure_message: reply.message,
          ...settled,
        });
        await recordEvent(within, DECLINED, {}, { code: reply.code });
        break;
      case 'action_required':
        await note(within, setup, { state: 'action_required', challenge: reply.challenge });
    }
    return findSetup(within, setupId);
  });
}

/** Ends a setup that the gateway never heard of. One that is settled stays as it is. */
export async function giveUpSetup(scope: CustomerScope, { id }: Setup): Promise<void> {
  await scope.db
    .update('method_setups')
    .set({ state: 'given_up', look_at: null, settled_at: nowMs(scope.clock) })
    .where('id', '=', id)
    .where('settled_at', 'is', null)
    .execute();
}

/**
 * What became of a setup whose payer comes back from their bank: the gateway is asked. `passed` is what they answered where the question was
 * put here; answering twice changes nothing. Refuses `not_found`.
 */
export async function setupOutcome(
  scope: CustomerScope,
  setupId: string,
  passed?: boolean | undefined,
): Promise<SetupOutcome> {
  const setup = await findSetup(scope, setupId);
  return outcomeOfSetup(await (setup.state === 'action_required' ? askAbout(scope, setup, passed) : setup));
}

/** What a setup came to so far. */
export function outcomeOfSetup(setup: Setup, isVerifying = false): SetupOutcome {
  switch (setup.state) {
    case 'saved':
      return { state: isVerifying ? 'verifying' : 'saved', methodId: setup.payment_method_id! };
    case 'action_required':
      return { state: 'action_required', setupId: setup.id };
    default:
      return {
        state: 'declined',
        code: (setup.failure_code ?? 'canceled') as Extract<SetupReply, { state: 'declined' }>['code'],
        message: setup.failure_message ?? 'It was not finished in time, so nothing was saved.',
      };
  }
}

/** Asks the gateway what became of a setup, telling what the payer answered if they did, and settles it. A lost answer leaves it as it is. */
export async function askAbout(
  scope: CustomerScope,
  setup: Setup,
  passed?: boolean | undefined,
): Promise<Setup> {
  const reference = {
    account: accountAt(scope),
    setupId: setup.id,
    customerRef: String(scope.customerId),
  };
  try {
    const gateway = gatewayNamed(scope, setup.gateway);
    const reply = await (passed === undefined
      ? gateway.lookupSetup(reference)
      : gateway.answerSetup(reference, passed));
    return reply ? await settleSetup(scope, setup.id, reply) : setup;
  } catch (error) {
    scope.log.warn('a gateway did not answer for a setup', { setup: setup.id, reason: String(error) });
    return setup;
  }
}

async function keep(
  scope: CustomerScope,
  setup: Setup,
  { instrument }: Extract<SetupReply, { state: 'saved' }>,
): Promise<number> {
  const { label, bankCountry, mandate, ...use } = SetupWishes.parse(JSON.parse(setup.wishes));
  const id = await keepInstrument(scope, setup.gateway, instrument, { bankCountry, mandate });
  if (label !== null) await nameMethod(scope, id, label);
  if (instrument.state !== 'usable') return id;
  if (use.autopay) await enrol(scope, id);
  else if (use.makeDefault) await makeDefault(scope, id);
  return id;
}

async function note(scope: CustomerScope, { id }: Setup, change: Partial<Setup>): Promise<void> {
  await scope.db.update('method_setups').set(change).where('id', '=', id).execute();
}
