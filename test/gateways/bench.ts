import type { Money } from '#src/kernel/money.ts';
import type { Gateway, GatewayAccount, RefundRequest, Source } from '#src/payments/gateways/gateway.ts';

/** What an instrument of the tests does when it is charged. */
export type Does =
  | 'works'
  | 'is declined'
  | 'has no money'
  | 'has expired'
  | 'has a wrong code'
  | 'asks'
  | 'clears'
  | 'bounces';

/** What a webhook is to tell. */
export type Tidings =
  | { readonly of: 'attempt'; readonly attemptId: string }
  | { readonly of: 'refund'; readonly request: RefundRequest }
  | {
      readonly of: 'dispute';
      readonly gatewayPaymentId: string;
      readonly amount: Money;
      readonly state: 'open' | 'won' | 'lost';
    }
  | { readonly of: 'removal'; readonly gatewayId: string }
  | { readonly of: 'something else' };

export interface Delivery {
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

/** A gateway on the bench: the gateway, and what only its other side can do. */
export interface Bench {
  readonly gateway: Gateway;
  /** Two tenants' accounts. */
  readonly account: GatewayAccount;
  readonly other: GatewayAccount;
  card(does: Does): Source;
  /** A bank account that is debited in euros. */
  bank(does: 'clears' | 'bounces'): Source;
  /** A bank account that two deposits confirm, the currency that it is debited in, and their amounts. */
  slowBank(): {
    readonly source: Source;
    readonly currency: string;
    readonly deposits: readonly [number, number];
  };
  /** The payer answers at their bank, before the portal hears of it. */
  bankAnswers(attemptId: string, passed: boolean): Promise<void>;
  /** The payer answers what their bank asks before a setup. */
  bankAnswersSetup(setupId: string, passed: boolean): Promise<void>;
  /** Lets time pass, in ms. */
  pass(ms: number): Promise<void>;
  /** The next charge or refund is lost on the way there, or its answer on the way back. */
  lose(what: 'request' | 'answer'): Promise<void>;
  /** What was really taken for an attempt, payment by payment, in minor units. */
  taken(attemptId: string): Promise<number[]>;
  /** What was really given back of a payment. */
  returned(gatewayPaymentId: string): Promise<number[]>;
  /** A genuine webhook about something, sent at that time (epoch ms) to the first tenant. */
  webhook(tidings: Tidings, atMs: number): Promise<Delivery>;
  /** Epoch ms. */
  now(): number;
  shut(): Promise<void>;
}
