import { refuse } from '#src/kernel/errors.ts';
import type { MerchantScope } from '#src/scope.ts';

/** A mail in the local mailbox, without its text. */
export interface KeptMail {
  readonly id: number;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly attachments: readonly KeptAttachment[];
  readonly customerId: number | undefined;
  /** Epoch ms. */
  readonly at: number;
}

export interface KeptAttachment {
  readonly name: string;
  /** Media type. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
}

export interface KeptMailWithText extends KeptMail {
  readonly messageId: string;
  readonly text: string;
  readonly html: string;
}

const COLUMNS = ['id', 'sender', 'recipient', 'subject', 'attachments', 'customer_id', 'at'] as const;

/** The mail that the local mailbox keeps, newest first; all of it without a limit. */
export async function listMailbox(
  merchant: MerchantScope,
  { limit }: { readonly limit?: number | undefined } = {},
): Promise<KeptMail[]> {
  const all = merchant.db.from('mailbox').select(COLUMNS).orderBy('id', 'desc');
  return (await (limit === undefined ? all : all.limit(limit)).execute()).map(mailOf);
}

/** One mail with its text. Refuses `unknown_mail`. */
export async function findInMailbox(merchant: MerchantScope, id: number): Promise<KeptMailWithText> {
  if (!Number.isSafeInteger(id)) refuse('unknown_mail', { mail: id, tenant: merchant.tenant.username });
  const row = await merchant.db
    .from('mailbox')
    .select([...COLUMNS, 'message_id', 'text_body', 'html_body'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) return refuse('unknown_mail', { mail: id, tenant: merchant.tenant.username });
  return { ...mailOf(row), messageId: row.message_id, text: row.text_body, html: row.html_body };
}

interface MailRow {
  readonly id: number;
  readonly sender: string;
  readonly recipient: string;
  readonly subject: string;
  readonly attachments: string;
  readonly customer_id: number | null;
  readonly at: number;
}

function mailOf(row: MailRow): KeptMail {
  const attachments: KeptAttachment[] = JSON.parse(row.attachments);
  return {
    id: row.id,
    from: row.sender,
    to: row.recipient,
    subject: row.subject,
    attachments,
    customerId: row.customer_id ?? undefined,
    at: row.at,
  };
}
