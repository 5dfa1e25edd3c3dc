import { REFUSALS, type RefusalEntry } from './refusals.ts';

export type RefusalCode = keyof typeof REFUSALS;
export type RefusalDetails = Readonly<Record<string, string | number>>;

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
