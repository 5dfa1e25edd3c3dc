import { dateOf } from '../kernel/time.ts';
import { cardBrand, cardLabel } from '../payments/gateways/card.ts';
import type {
  BankDetails,
  ChargeRequest,
  Gateway,
  GatewayAccount,
  GatewayEvent,
  GatewayReply,
  SavedInstrument,
  SetupReply,
  SetupRequest,
  Source,
} from '../payments/gateways/gateway.ts';
import { Book, type BookLine, canceled, type Decided, declined, openBook } from './test-gateway-book.ts';
import { behaviourOfAccount, behaviourOfCard, type TestBehaviour } from '../payments/gateways/test-cards.ts';
import { readSignedWebhook, signedWebhook } from './test-gateway-webhooks.ts';

/** Faults for tests of lost answers: `lose_answer` books the charge and then fails, `lose_request` fails before it. */
export type Fault = 'lose_answer' | 'lose_request';

export interface TestGatewayOptions {
  /** The file of its book, `:memory:` for a book that ends with the process. */
  readonly book: string;
  /** What its webhooks are signed with, the installation's own; without one that of tests. */
  readonly webhookSecret?: string | undefined;
  /** Asked before every charge and refund. */
  readonly fault?: (id: string) => Fault | undefined;
  /** Epoch ms; what takes days is told by it, where `timeOf` does not tell. */
  readonly now?: () => number;
  /** The time (epoch ms) of one tenant: a debit of a tenant with a test clock clears, and its cards expire, by that clock. */
  readonly timeOf?: (tenantId: number) => Promise<number>;
}

export interface TestGateway extends Gateway {
  book(): BookLine[];
  /** What was given back, by refund id. */
  refunds(): Array<{ readonly refundId: string; readonly gatewayPaymentId: string; readonly minor: number }>;
  /** A webhook request as this gateway would send it about something: signed, at that time. */
  webhook(
    tenantId: number,
    event: GatewayEvent,
    atMs: number,
  ): { headers: Record<string, string>; body: Uint8Array };
  shut(): void;
}

/** The two deposits, in minor units, that confirm an account. */
const DEPOSITS = [35, 45];

/**
 * The built-in gateway for trying things out: documented numbers of cards and accounts, no real money, and a durable book of its own in which
 * an attempt id stands once for ever. The portal never lets it work for a live tenant.
 */
export function testGateway(options: TestGatewayOptions): TestGateway {
  const file = openBook(options.book);
  const now = options.now ?? (() => 0);
  const timeOf = (account: GatewayAccount): Promise<number> =>
    options.timeOf?.(account.tenantId) ?? Promise.resolve(now());
  const book = new Book(file, now);
  return {
    name: 'test',
    identify: () => Promise.resolve('test'),
    kinds: ['card', 'bank_account'],
    stepOf: () => 1,
    charge: async (request) => {
      const at = await timeOf(request.account);
      return mayFail(options, request.attemptId, () => {
        book.addCharge(request, replyTo(request, book, at), at);
        return book.charge(request.attemptId, at)!;
      });
    },
    answerChallenge: async (account, attemptId, passed) => {
      const reply = book.charge(attemptId, await timeOf(account));
      if (reply?.state !== 'action_required') return reply ?? canceled();
      return book.replaceCharge(
        attemptId,
        passed ? { ...taken(attemptId, reply.methodLabel), saved: reply.saved } : failed3ds(),
      );
    },
    lookup: async (account, attemptId) => book.charge(attemptId, await timeOf(account)),
    close: async (account, attemptId) => book.closed(attemptId, await timeOf(account)),
    setup: async (request) => setUp(request, book, await timeOf(request.account)),
    answerSetup: ({ setupId }, passed) => Promise.resolve(answeredSetup(book, setupId, passed)),
    lookupSetup: ({ setupId }) => Promise.resolve(book.setup(setupId)?.reply),
    verify: (_account, gatewayId, amounts) => Promise.resolve(verified(book, gatewayId, amounts)),
    forget: (_account, gatewayId) => {
      book.forget(gatewayId);
      return Promise.resolve();
    },
    refund: (request) =>
      mayFail(options, request.refundId, () =>
        book.addRefund(request.refundId, request.gatewayPaymentId, request.amount.minor),
      ),
    lookupRefund: ({ refundId }) => Promise.resolve(book.refund(refundId)),
    readWebhook: async (request) => [readSignedWebhook(request, options.webhookSecret)],
    webhook: (tenantId, event, atMs) => signedWebhook(tenantId, event, atMs, options.webhookSecret),
    book: () => book.lines(),
    refunds: () => book.allRefunds(),
    shut: () => void file.close(),
  };
}

function mayFail<Answer>({ fault }: TestGatewayOptions, id: string, work: () => Answer): Promise<Answer> {
  const kind = fault?.(id);
  if (kind === 'lose_request') return Promise.reject(new Error('the connection was refused'));
  const answer = work();
  if (kind === 'lose_answer') return Promise.reject(new Error('the connection was lost'));
  return Promise.resolve(answer);
}

function replyTo(request: ChargeRequest, book: Book, now: number): Decided {
  const { attemptId, source, save, offSession } = request;
  const known = described(source, attemptId, book);
  if (!known)
    return { reply: declined('method_gone', 'This payment method is no longer there. Choose another one.') };
  const { instrument, behaviour } = known;
  if (isExpired(instrument, request.account, now))
    return { reply: declined('card_expired', 'This card has expired. Use another one.') };
  const saved = save && source.kind !== 'saved' ? book.keep(instrument, behaviour) : undefined;
  const done = { ...taken(attemptId, instrument.label), saved };
  switch (behaviour.does) {
    case 'challenge':
      if (offSession || source.kind === 'saved')
        return offSession ? { reply: failed3ds() } : { reply: asked(instrument.label, saved) };
      return { reply: asked(instrument.label, saved) };
    case 'clears':
      return { reply: { ...done, state: 'processing' }, later: done };
    case 'bounces':
      return {
        reply: { ...done, state: 'processing' },
        later: declined(
          'bank_debit_failed',
          'Your bank returned the debit. Use another account, or pay by card.',
        ),
      };
    case 'declines':
    case 'refuses':
      return { reply: declined(behaviour.code, behaviour.message) };
    case 'works':
      return { reply: done };
  }
}

function setUp(
  { account, source, setupId, microDeposits }: SetupRequest,
  book: Book,
  now: number,
): SetupReply {
  const known = described(source, setupId, book);
  if (!known)
    return { state: 'declined', code: 'method_gone', message: 'This payment method is no longer there.' };
  const { instrument, behaviour } = known;
  if (behaviour.does === 'refuses')
    return { state: 'declined', code: behaviour.code, message: behaviour.message };
  if (isExpired(instrument, account, now))
    return declined('card_expired', 'This card has expired. Use another one.');
  const verifying = instrument.kind === 'bank_account' && microDeposits;
  const kept = {
    instrument: { ...instrument, state: verifying ? 'verifying' : 'usable' },
    behaviour,
  } as const;
  // A bank that was asked once is content with payments that nobody is there for.
  if (behaviour.does === 'challenge')
    return book.addSetup(
      setupId,
      { ...kept, behaviour: { does: 'works' } },
      { state: 'action_required', challenge: 'three_d_secure' },
    );
  return book.addSetup(setupId, kept, { state: 'saved', instrument: book.keep(kept.instrument, behaviour) });
}

function answeredSetup(book: Book, setupId: string, passed: boolean): SetupReply | undefined {
  const known = book.setup(setupId);
  if (known?.reply.state !== 'action_required') return known?.reply;
  if (!passed) return book.replaceSetup(setupId, failed3ds());
  const { instrument, behaviour } = known.kept;
  return book.replaceSetup(setupId, { state: 'saved', instrument: book.keep(instrument, behaviour) });
}

function verified(book: Book, gatewayId: string, amounts: readonly [number, number]): SetupReply {
  const known = book.instrument(gatewayId);
  if (!known)
    return { state: 'declined', code: 'method_gone', message: 'This bank account is no longer there.' };
  if (known.instrument.state === 'usable') return { state: 'saved', instrument: known.instrument };
  const sorted = [...amounts].toSorted((a, b) => a - b);
  if (sorted.some((amount, i) => amount !== DEPOSITS[i]))
    return {
      state: 'declined',
      code: 'bank_account_invalid',
      message: 'These are not the two amounts that we deposited. Look at your bank statement again.',
    };
  return { state: 'saved', instrument: book.makeUsable(gatewayId) };
}

/** The instrument behind a source, and what it does; undefined for one that was deleted. */
function described(
  source: Source,
  id: string,
  book: Book,
): { instrument: SavedInstrument; behaviour: TestBehaviour } | undefined {
  switch (source.kind) {
    case 'saved':
      return book.instrument(source.gatewayId);
    case 'token':
      return undefined;
    case 'card': {
      const { number, expMonth, expYear, cvc } = source.card;
      const behaviour: TestBehaviour = /^\d{3,4}$/.test(cvc)
        ? behaviourOfCard(number)
        : { does: 'refuses', code: 'card_cvc_wrong', message: 'The security code has three or four digits.' };
      const facts = { brand: cardBrand(number), last4: number.slice(-4), expMonth, expYear };
      const label = cardLabel(number);
      return {
        instrument: { gatewayId: `pm_${id}`, kind: 'card', state: 'usable', label, ...facts },
        behaviour,
      };
    }
    case 'bank_account': {
      const last4 = accountNumber(source.account).slice(-4);
      const label = `Bank account ending ${last4}`;
      const instrument = {
        gatewayId: `ba_${id}`,
        kind: 'bank_account',
        state: 'usable',
        bankName: 'Test Bank',
        last4,
        label,
      } as const;
      return { instrument, behaviour: behaviourOfAccount(source.account) };
    }
  }
}

/** A card is good until its month is over where the tenant is. */
function isExpired(
  { expMonth, expYear }: SavedInstrument,
  { timeZone = 'UTC' }: GatewayAccount,
  now: number,
): boolean {
  if (expMonth === undefined || expYear === undefined) return false;
  const month = Temporal.PlainDate.from(dateOf(now, timeZone)).toPlainYearMonth();
  return Temporal.PlainYearMonth.compare(month, { year: expYear, month: expMonth }) > 0;
}

function accountNumber({ iban, account }: BankDetails): string {
  return (iban ?? account ?? '').replaceAll(/\s/g, '');
}

function taken(attemptId: string, methodLabel: string) {
  return { state: 'succeeded', gatewayPaymentId: `test_${attemptId}`, methodLabel } as const;
}

function asked(methodLabel: string, saved: SavedInstrument | undefined): GatewayReply {
  return { state: 'action_required', challenge: 'three_d_secure', methodLabel, saved };
}

function failed3ds(): ReturnType<typeof declined> {
  return declined(
    'authentication_failed',
    'Your bank could not confirm that it was you. Try again, or use another card.',
  );
}
