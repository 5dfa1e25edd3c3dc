import { z } from 'zod';

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
  .union([z.boolean(), z.enum(['on', 'off', 'true', 'false', 'yes', 'no'])])
  .transform((given) => {
    return typeof given === 'boolean' ? given : ['on', 'true', 'yes'].includes(given);
  });
const seconds = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
const HOUR = 3600;
const DAY = 86_400;

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
    z.union([z.literal(''), z.email()]),
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
    z.enum(['due_date', 'date']),
  ),
  'payments.gateway': setting(
    'Who takes card payments: test (test tenants only) or none.',
    'test',
    z.enum(['test', 'none']),
  ),
  'payments.most_invoices': setting(
    'The most invoices that one payment may cover.',
    100,
    z.coerce.number().int().min(1).max(500),
  ),
  'magic_link.max_seconds': setting(
    'The longest life that a magic link may have, in seconds (at most 90 days).',
    DAY,
    seconds(60, 90 * DAY),
  ),
  'magic_link.single_use': setting(
    'Whether every magic link works only once. Links with a jti always do.',
    false,
    flag,
  ),
  'session.idle_seconds': setting(
    'A session ends after this many seconds without a request.',
    12 * HOUR,
    seconds(900, 30 * DAY),
  ),
  'session.absolute_seconds': setting(
    'A session ends this many seconds after signing in, whatever happens.',
    7 * DAY,
    seconds(900, 30 * DAY),
  ),
  'documents.paper': setting('Paper of the PDF documents: A4 or Letter.', 'A4', z.enum(['A4', 'Letter'])),
  'documents.payment_instructions': setting(
    'How to pay without the portal (bank account, reference), printed on unpaid invoices.',
    '',
    z.string().max(1000),
  ),
  'documents.footer': setting('A line at the foot of every PDF document.', '', z.string().max(300)),
  'mail.from_name': setting(
    'The sender’s name on mails; empty means the tenant’s name.',
    '',
    z
      .string()
      .max(100)
      .regex(/^[^\r\n"<>]*$/, 'leave out quotes and angle brackets'),
  ),
  'mail.reply_to': setting(
    'Where answers to mails go; empty means the support address.',
    '',
    z.union([z.literal(''), z.email()]),
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
