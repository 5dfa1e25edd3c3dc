import type { Money } from '../kernel/money.ts';

/** What a customer pays with. Raw card fields only ever reach the test gateway; real gateways give tokens. */
export interface CardDetails {
  readonly number: string;
  readonly expMonth: number;
  /** Four digits. */
  readonly expYear: number;
  readonly cvc: string;
  readonly holder: string;
}

export interface ChargeRequest {
  /** The attempt's id: the idempotency key, for ever. The same id never charges twice. */
  readonly attemptId: string;
  readonly tenantId: number;
  readonly amount: Money;
  readonly card: CardDetails;
  /** What the payer reads on the statement, for example `INV-12, INV-13`. */
  readonly description: string;
}

/** What a gateway says of an attempt. The same attempt may be said several times, in any order. */
export type GatewayReply =
  | { readonly state: 'succeeded'; readonly gatewayPaymentId: string; readonly methodLabel: string }
  | { readonly state: 'processing'; readonly gatewayPaymentId: string; readonly methodLabel: string }
  | { readonly state: 'action_required'; readonly challenge: string; readonly methodLabel: string }
  | { readonly state: 'declined'; readonly code: DeclineCode; readonly message: string };

/** Why a gateway declined, as far as a form must know: which field the reason belongs beside. */
export type DeclineCode =
  | 'card_number_invalid'
  | 'card_expired'
  | 'card_cvc_wrong'
  | 'card_declined'
  | 'insufficient_funds'
  | 'authentication_failed'
  | 'canceled';

/**
 * A payment gateway. `charge` may throw when the answer was lost; nobody may conclude from that whether money moved. `lookup` and `close`
 * find out.
 */
export interface Gateway {
  readonly name: string;
  charge(request: ChargeRequest): Promise<GatewayReply>;
  /** Goes on after the payer answered a challenge (3-D Secure): `passed` is what the challenge page reported. */
  answerChallenge(attemptId: string, passed: boolean): Promise<GatewayReply>;
  /** What became of an attempt; undefined when the gateway never heard of it. */
  lookup(attemptId: string): Promise<GatewayReply | undefined>;
  /** Makes sure that the attempt can never be charged from now on, unless it already was; answers what it is then. */
  close(attemptId: string): Promise<GatewayReply>;
}
