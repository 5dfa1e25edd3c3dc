import { REFUSALS } from './refusals.ts';

export type RefusalCode = keyof typeof REFUSALS;
export type RefusalDetails = Readonly<Record<string, string | number>>;

/** One entry of the catalogue. Codes are permanent: callers and scripts branch on them. */
export interface RefusalEntry {
  /** HTTP status that the doors answer with. */
  readonly status: number;
  /** A few words for a heading. */
  readonly title: string;
  /** What happened, for the person who reads it; `{name}` is replaced from the details. */
  readonly message: string;
  /** What to do now. */
  readonly hint: string;
  /** The form field it belongs beside, where there is one. */
  readonly field?: string;
}

/** Work that was stopped for a reason the caller may know. Everything else that is thrown is a bug. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly status: number;
  readonly title: string;
  readonly hint: string;
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
  }
}

/** Stops the work with an entry of the catalogue; the details fill its sentences. */
export function refuse(code: RefusalCode, details: RefusalDetails = {}): never {
  throw new Refusal(code, details);
}

function fill(sentence: string, details: RefusalDetails): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? ''));
}
