import type { Money } from '../../kernel/money.ts';
import type { GatewayKeys } from '../../tenants/gateway-credentials.ts';

/** What kinds of instrument money can be taken from without the customer doing it by hand. */
export type MethodKind = 'card' | 'bank_account';

/** A card as typed. Raw card fields only ever reach the test gateway; real gateways give tokens. */
export interface CardDetails {
  readonly number: string;
  readonly expMonth: number;
  /** Four digits. */
  readonly expYear: number;
  readonly cvc: string;
  readonly holder: string;
}

/** A bank account as typed: routing and account number in the United States, an IBAN elsewhere. For the test gateway only. */
export interface BankDetails {
  readonly holder: string;
  readonly holderType: 'individual' | 'company';
  readonly routing?: string | undefined;
  readonly account?: string | undefined;
  readonly iban?: string | undefined;
}

/** What a customer pays with. */
export type Source =
  | { readonly kind: 'card'; readonly card: CardDetails }
  | { readonly kind: 'bank_account'; readonly account: BankDetails }
  /** What the gateway's own form in the browser gave, for `method`. */
  | { readonly kind: 'token'; readonly method: MethodKind; readonly token: string }
  /** An instrument that was saved with `setup`, or by a charge with `save`. */
  | {
      readonly kind: 'saved';
      readonly method: MethodKind;
      readonly gatewayId: string;
      readonly gatewayCustomerId?: string | undefined;
    };

/** Whose account at the gateway is meant. */
export interface GatewayAccount {
  readonly tenantId: number;
  /** Where its days begin and a card's month ends; UTC unless told otherwise. */
  readonly timeZone?: string | undefined;
  /** Opens the tenant's keys when a gateway needs them; the test gateway needs none. Refuses `gateway_not_connected` and `gateway_keys_mode`. */
  readonly credentials?: ((gateway: string) => Promise<GatewayKeys>) | undefined;
}

/** Evidence that the payer agreed to a bank debit: where their browser was when they sent the form. */
export interface Acceptance {
  readonly ip: string;
  readonly userAgent: string;
}

/** How a gateway describes an instrument that it keeps. */
export interface SavedInstrument {
  readonly gatewayId: string;
  readonly gatewayCustomerId?: string | undefined;
  readonly kind: MethodKind;
  /** `usable`, or `verifying` while two small deposits are on their way to be confirmed. */
  readonly state: 'usable' | 'verifying';
  readonly brand?: string | undefined;
  readonly last4: string;
  readonly expMonth?: number | undefined;
  readonly expYear?: number | undefined;
  readonly bankName?: string | undefined;
  /** `Visa ending 4242`, `Bank account ending 6789`. */
  readonly label: string;
}

export interface ChargeRequest {
  readonly account: GatewayAccount;
  /** The attempt's id: the idempotency key, for ever. The same id never charges twice. */
  readonly attemptId: string;
  /** What is taken, the convenience fee included. */
  readonly amount: Money;
  readonly source: Source;
  /** Keep the instrument for later payments; who it belongs to at the gateway is `customerRef`. */
  readonly save: boolean;
  readonly customerRef: string;
  /** Nobody is there to answer a challenge: AutoPay and instalments. A gateway then declines instead of asking. */
  readonly offSession: boolean;
  /** What the payer reads on the statement, for example `INV-12, INV-13`. */
  readonly description: string;
  /** Where a challenge that leaves the portal comes back to. */
  readonly returnUrl?: string | undefined;
  readonly acceptance?: Acceptance | undefined;
}

/** What a gateway says of an attempt. The same attempt may be said several times, in any order. */
export type GatewayReply =
  | {
      readonly state: 'succeeded' | 'processing';
      readonly gatewayPaymentId: string;
      readonly methodLabel: string;
      /** Present when the charge was asked to save the instrument and did. */
      readonly saved?: SavedInstrument | undefined;
    }
  | {
      readonly state: 'action_required';
      /** `three_d_secure` for the portal's own page of the test gateway; an https address to go to; or a client secret. */
      readonly challenge: string;
      readonly methodLabel: string;
      readonly saved?: SavedInstrument | undefined;
    }
  | { readonly state: 'declined'; readonly code: DeclineCode; readonly message: string };

/** Why a gateway declined, as far as a form must know: which field the reason belongs beside. */
export type DeclineCode =
  | 'card_number_invalid'
  | 'card_expired'
  | 'card_cvc_wrong'
  | 'card_declined'
  | 'insufficient_funds'
  | 'authentication_failed'
  | 'bank_account_invalid'
  | 'bank_debit_failed'
  | 'method_gone'
  | 'canceled';

export interface SetupRequest {
  readonly account: GatewayAccount;
  /** The idempotency key of this setup, for ever. */
  readonly setupId: string;
  readonly customerRef: string;
  readonly source: Source;
  /** For a bank account: verify by two small deposits instead of at once. */
  readonly microDeposits: boolean;
  /** Where a challenge that leaves the portal comes back to; asking for the same setup again then tells what became of it. */
  readonly returnUrl?: string | undefined;
  readonly acceptance?: Acceptance | undefined;
}

export type SetupReply =
  | { readonly state: 'saved'; readonly instrument: SavedInstrument }
  /** The bank wants to ask the payer first; `challenge` is as in `GatewayReply`. */
  | { readonly state: 'action_required'; readonly challenge: string }
  | { readonly state: 'declined'; readonly code: DeclineCode; readonly message: string };

/** Which setup is meant. */
export type SetupReference = Pick<SetupRequest, 'account' | 'setupId' | 'customerRef'>;

export interface RefundRequest {
  readonly account: GatewayAccount;
  /** The idempotency key of this refund, for ever. */
  readonly refundId: string;
  /** The gateway's own id of it, where that is known. */
  readonly gatewayRefundId?: string | undefined;
  readonly gatewayPaymentId: string;
  readonly amount: Money;
}

export type RefundReply =
  | { readonly state: 'succeeded' | 'submitted'; readonly gatewayRefundId: string }
  | { readonly state: 'failed'; readonly message: string };

/** One piece of news from a gateway. `id` is the gateway's own: the same news twice has the same id. */
export type GatewayEvent = { readonly id: string } & (
  | { readonly about: 'attempt'; readonly attemptId: string; readonly reply: GatewayReply }
  | {
      readonly about: 'setup';
      readonly setupId: string;
      /** The instrument it is about, where one is kept or was tried. */
      readonly gatewayId: string | undefined;
      readonly reply: SetupReply;
    }
  | { readonly about: 'refund'; readonly refundId: string; readonly reply: RefundReply }
  /** Money that somebody gave back at the gateway itself, not through us. */
  | {
      readonly about: 'refund_elsewhere';
      readonly gatewayPaymentId: string;
      readonly gatewayRefundId: string;
      readonly amount: Money;
      readonly reply: RefundReply;
    }
  | {
      readonly about: 'dispute';
      readonly gatewayPaymentId: string;
      readonly gatewayDisputeId: string;
      readonly amount: Money;
      readonly state: 'open' | 'won' | 'lost';
      readonly reason: string | undefined;
    }
  | {
      readonly about: 'instrument';
      readonly gatewayId: string;
      readonly state: 'usable' | 'failed' | 'removed';
      readonly reason: string | undefined;
    }
  /** Genuine, but nothing that concerns us. */
  | { readonly about: 'nothing' }
);

/** A webhook request as it arrived: header names in lower case, the body's bytes untouched. */
export interface WebhookRequest {
  readonly account: GatewayAccount;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** Epoch ms, for refusing stale ones. */
  readonly now: number;
}

/**
 * A payment gateway. `charge`, `setup` and `refund` may throw when the answer was lost; nobody may conclude from that whether money moved.
 * The lookups and `close` find out.
 */
export interface Gateway {
  readonly name: string;
  /** Whose account it is there, by the gateway's own id: the same for every key of that account. Refuses `bad_gateway_keys`. */
  identify(account: GatewayAccount): Promise<string>;
  /** What it takes. */
  readonly kinds: readonly MethodKind[];
  /** What it charges in a currency is a multiple of so many minor units: 1, but where it takes no such amounts. */
  readonly stepOf: (currency: string) => number;
  charge(request: ChargeRequest): Promise<GatewayReply>;
  /** Goes on after the payer answered a challenge (3-D Secure): `passed` is what the challenge page reported. */
  answerChallenge(account: GatewayAccount, attemptId: string, passed: boolean): Promise<GatewayReply>;
  /** What became of an attempt; undefined when the gateway never heard of it, or nothing was tried with it yet. */
  lookup(account: GatewayAccount, attemptId: string): Promise<GatewayReply | undefined>;
  /** Makes sure that the attempt can never be charged from now on, unless it already was; answers what it is then. */
  close(account: GatewayAccount, attemptId: string): Promise<GatewayReply>;
  /** Keeps an instrument for later payments. The same setup id keeps the same one. */
  setup(request: SetupRequest): Promise<SetupReply>;
  /** Goes on after the payer answered what their bank asked before a setup. Answers undefined where `lookupSetup` does. */
  answerSetup(reference: SetupReference, passed: boolean): Promise<SetupReply | undefined>;
  /** What became of a setup; undefined when the gateway never heard of it. */
  lookupSetup(reference: SetupReference): Promise<SetupReply | undefined>;
  /** Confirms a bank account by the two deposited amounts, in minor units. */
  verify(account: GatewayAccount, gatewayId: string, amounts: readonly [number, number]): Promise<SetupReply>;
  /** Deletes an instrument; deleting it twice is the same. */
  forget(account: GatewayAccount, gatewayId: string): Promise<void>;
  /** Gives money back. The same refund id never refunds twice. */
  refund(request: RefundRequest): Promise<RefundReply>;
  /** What became of a refund; undefined when the gateway never heard of it. */
  lookupRefund(request: RefundRequest): Promise<RefundReply | undefined>;
  /** Reads a webhook after checking its signature. Refuses `bad_webhook` for one that is forged, stale or unreadable. */
  readWebhook(request: WebhookRequest): Promise<GatewayEvent[]>;
}
