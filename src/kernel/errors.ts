import { REFUSALS, type RefusalEntry } from './refusals.ts';

export type RefusalCode = keyof typeof REFUSALS;
export type RefusalDetails = Readonly<Record<string, string | number>>;

/** Work that was stopped for a reason the caller may know. Everything else that is thrown is a bug. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly status: number;
  readonly title: string;
  readonly hint: string;
  /** What customers and strangers are told of it. */
  readonly publicly: { readonly title: string; readonly message: string; readonly hint: string };
  readonly field: string | undefined;
  readonly details: RefusalDetails;

  constructor(code: RefusalCode, details: RefusalDetails = {}) {
    const entry: RefusalEntry = REFUSALS[code];
    super(fill(entry.message, details));
    this.name = 'Refusal';
    this.code = code;
    this.status = entry.status;
    this.title = entry.title;
    this.hint = fill(entry.hint, details);
    this.field = entry.field;
    this.details = details;
    this.publicly = publicWords(entry, details);
  }
}

const GENERALLY = {
  missing: {
    title: 'Not found',
    message: 'There is nothing at this address, or it is not yours to see.',
    hint: 'Check the address, or go back to your account.',
  },
  stopped: {
    title: 'Not possible at the moment',
    message: 'Something is not set up here as it should be.',
    hint: 'Try again later, or contact us.',
  },
} as const;

function publicWords(entry: RefusalEntry, details: RefusalDetails): Refusal['publicly'] {
  const { title, message, hint } = entry;
  const own =
    entry.audience === undefined || entry.publicly ? { title, message, hint, ...entry.publicly } : undefined;
  const words = own ?? (entry.status === 404 ? GENERALLY.missing : GENERALLY.stopped);
  return { title: words.title, message: fill(words.message, details), hint: fill(words.hint, details) };
}

/** Stops the work with an entry of the catalogue; the details fill its sentences. */
export function refuse(code: RefusalCode, details: RefusalDetails = {}): never {
  throw new Refusal(code, details);
}

function fill(sentence: string, details: RefusalDetails): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? ''));
}
