/** One message to exactly one recipient. */
export interface Mail {
  /** Stable over retries, without angle brackets: `<id>` becomes the Message-ID. */
  readonly messageId: string;
  readonly from: { readonly name: string; readonly address: string };
  readonly to: string;
  readonly replyTo?: string | undefined;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly attachments: ReadonlyArray<{
    readonly name: string;
    readonly type: string;
    readonly content: Uint8Array;
  }>;
  /** Whose mail it is, for the local mailbox. */
  readonly tenantId: number;
  readonly customerId?: number | undefined;
}

/** What became of a message: it was taken, or it surely was not and may be sent again. */
export type Delivery =
  | { readonly state: 'taken'; readonly providerId: string }
  | { readonly state: 'refused'; readonly reason: string };

/** Delivers mail. */
export interface MailTransport {
  readonly name: string;
  /** Whether the same message again changes nothing: then what is not known to have been taken may be sent again. */
  readonly idempotent?: true;
  /** Throws when nobody knows whether the message was taken. It gives up by itself in bounded time, and at once when it is told to by the signal. */
  send(mail: Mail, signal?: AbortSignal): Promise<Delivery>;
  /** Ends the connections it holds; nothing is sent afterwards. */
  close?(): Promise<void>;
}
