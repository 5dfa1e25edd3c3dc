import { z } from 'zod';
import { WAYS_TO_PAY } from './ways-to-pay.ts';

/** One setting: what it means, what it is by itself, and what fits. */
export interface SettingDefinition<Value> {
  readonly description: string;
  readonly fallback: Value;
  /** Reads what an operator types (or what the database keeps) into the value. */
  readonly schema: z.ZodType<Value>;
}

function setting<Value>(
  description: string,
  fallback: Value,
  schema: z.ZodType<Value>,
): SettingDefinition<Value> {
  return { description, fallback, schema };
}

const flag = z
  .union([z.boolean(), z.enum(['on', 'off', 'true', 'false', 'yes', 'no'])], 'write on or off')
  .transform((given) => {
    return typeof given === 'boolean' ? given : ['on', 'true', 'yes'].includes(given);
  });
const decimal = z
  .string()
  .regex(/^(\d{1,9}(\.\d{1,3})?)?$/, 'write a decimal like 10.00, or nothing for none');
const upTo = (most: number) => z.string().max(most, `write at most ${most} characters`);
/** A whole number as it is typed: digits alone. Nothing, a blank, `1e3` and `0x10` are no numbers here, though JavaScript reads them as such. */
const whole = (least: number, most: number) =>
  z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^\d{1,9}$/)
          .transform(Number),
      ],
      'write a whole number',
    )
    .pipe(z.number().int().min(least, `at least ${least}`).max(most, `at most ${most}`));
const HOUR = 3600;
const DAY = 86_400;

/** Between how many days AutoPay may wait, for a tenant as for one customer. */
export const AUTOPAY_DELAY = { least: 0, most: 60 } as const;

/** Every setting there is. Names are permanent; the README lists them, and a test holds it to that. */
export const SETTINGS = {
  'brand.accent': setting(
    'The portal’s accent colour, as #rrggbb.',
    '#0b7a5c',
    z.string().regex(/^#[0-9a-f]{6}$/i, 'write it as #rrggbb'),
  ),
  'portal.support_email': setting(
    'The address customers are told to write to; empty means the tenant’s own.',
    '',
    z.union([z.literal(''), z.email()], 'write one address like billing@acme.com, or nothing'),
  ),
  'ageing.buckets': setting(
    'Upper ends, in days, of the ageing ranges; what is older falls into the last.',
    '7,14,30,60',
    z
      .string()
      .regex(/^\d{1,4}(,\d{1,4}){1,7}$/, 'write growing numbers of days with commas, for example 7,14,30,60')
      .refine(isGrowing, 'the numbers must grow'),
  ),
  'ageing.basis': setting(
    'Whether ageing counts from the due date or from the invoice date.',
    'due_date',
    z.enum(['due_date', 'date'], 'write due_date or date'),
  ),
  'payments.gateway': setting(
    'Who takes payments: test (test tenants only), stripe (once it is connected) or offline (nobody: bank transfers and checks only).',
    'test',
    z.enum(['test', 'stripe', 'offline']),
  ),
  'payments.most_invoices': setting('The most invoices that one payment may cover.', 100, whole(1, 500)),
  'payments.most_tries': setting(
    'After so many payments of a customer within ten minutes that were not taken, the next one must wait.',
    6,
    whole(1, 10_000),
  ),
  'payments.methods': setting(
    `The ways to pay that are on: ${WAYS_TO_PAY.join(', ')}.`,
    WAYS_TO_PAY.join(','),
    z
      .string()
      .regex(
        new RegExp(`^((${WAYS_TO_PAY.join('|')})(,(?!$)|$))*$`),
        'name methods with commas, for example credit_card,wire_transfer',
      ),
  ),
  'payments.partial': setting('Whether customers may pay a part of an invoice.', false, flag),
  'payments.partial_minimum': setting(
    'The least part of an invoice that may be paid, as a decimal amount; empty for any.',
    '',
    decimal,
  ),
  'payments.advance': setting('Whether customers may pay in advance, as credit.', false, flag),
  'payments.card_minimum': setting('The least that a card takes; empty for any.', '', decimal),
  'payments.card_maximum': setting('The most that a card takes; empty for any.', '', decimal),
  'payments.bank_minimum': setting('The least that a bank debit takes; empty for any.', '', decimal),
  'payments.bank_maximum': setting('The most that a bank debit takes; empty for any.', '', decimal),
  'payments.fee_percent': setting(
    'The convenience fee on card payments in percent, at most 4; empty for none.',
    '',
    z.string().regex(/^([0-3](\.\d{1,2})?|4(\.0{1,2})?)?$/, 'write a percentage from 0 to 4'),
  ),
  'payments.instructions_wire_transfer': setting(
    'How to pay by bank transfer; a paragraph that begins with [DE] is for payers in that country.',
    '',
    upTo(4000),
  ),
  'payments.instructions_check': setting(
    'How to pay by check; a paragraph that begins with [US] is for payers in that country.',
    '',
    upTo(4000),
  ),
  'autopay.enrollment': setting('Whether customers may enrol in AutoPay themselves.', true, flag),
  'autopay.delay_days': setting(
    'Days after the due day on which AutoPay collects.',
    0,
    whole(AUTOPAY_DELAY.least, AUTOPAY_DELAY.most),
  ),
  'autopay.retry_days': setting(
    'Days after a failed AutoPay attempt until the next one, one number for each retry.',
    '3,5,7',
    z.string().regex(/^(\d{1,2}(,\d{1,2}){0,9})?$/, 'write days with commas, for example 3,5,7'),
  ),
  'autopay.collect': setting(
    'Whether AutoPay collects what is due at once together, with one charge and one receipt, or each invoice separately.',
    'together',
    z.enum(['together', 'separately']),
  ),
  'autopay.daily_limit': setting(
    'The most that AutoPay may take from one customer on one day; empty for no limit.',
    '',
    decimal,
  ),
  'credits.in_portal': setting('Whether customers may put open credit against invoices.', true, flag),
  'credits.automatic': setting('Whether open credit pays new invoices by itself.', true, flag),
  'estimates.terms': setting('The terms that a customer agrees to with an estimate.', '', upTo(20_000)),
  'magic_link.max_seconds': setting(
    'The longest life that a magic link may have, in seconds (at most 90 days).',
    DAY,
    whole(60, 90 * DAY),
  ),
  'magic_link.single_use': setting(
    'Whether every magic link works only once. Links with a jti always do.',
    false,
    flag,
  ),
  'session.idle_seconds': setting(
    'A session ends after this many seconds without a request.',
    12 * HOUR,
    whole(900, 30 * DAY),
  ),
  'session.absolute_seconds': setting(
    'A session ends this many seconds after signing in, whatever happens.',
    7 * DAY,
    whole(900, 30 * DAY),
  ),
  'documents.paper': setting(
    'Paper of the PDF documents: A4 or Letter.',
    'A4',
    z.enum(['A4', 'Letter'], 'write A4 or Letter'),
  ),
  'documents.payment_instructions': setting(
    'How to pay without the portal (bank account, reference), printed on unpaid invoices.',
    '',
    upTo(1000),
  ),
  'documents.footer': setting('A line at the foot of every PDF document.', '', upTo(300)),
  'mail.from_name': setting(
    'The sender’s name on mails; empty means the tenant’s name.',
    '',
    z
      .string()
      .max(100, 'write at most 100 characters')
      .regex(/^[^\r\n"<>]*$/, 'leave out quotes and angle brackets'),
  ),
  'mail.reply_to': setting(
    'Where answers to mails go; empty means the support address.',
    '',
    z.union([z.literal(''), z.email()], 'write one address like billing@acme.com, or nothing'),
  ),
} as const satisfies Record<
  string,
  SettingDefinition<string> | SettingDefinition<number> | SettingDefinition<boolean>
>;

export type SettingName = keyof typeof SETTINGS;
type ValueOf<D> = D extends SettingDefinition<infer Value> ? Value : never;

/** The value of every setting of one tenant. */
export type Settings = { readonly [Name in SettingName]: ValueOf<(typeof SETTINGS)[Name]> };

function isGrowing(text: string): boolean {
  const days = text.split(',').map(Number);
  return days.every((day, i) => i === 0 || day > days[i - 1]!);
}
