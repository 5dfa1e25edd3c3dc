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

/** Delivers mail. Answers the provider's id, and throws when the message was not taken: the outbox tries again. */
export interface MailTransport {
  readonly name: string;
  send(mail: Mail): Promise<{ readonly providerId: string }>;
  /** Ends the connections it holds; nothing is sent afterwards. */
  close?(): Promise<void>;
}
