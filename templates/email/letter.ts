import type { Words } from '#src/words/words.ts';

/** A mail's words: finished, escaped, ready to send. */
export interface Letter {
  /** One line, without control characters. */
  readonly subject: string;
  readonly html: string;
  /** Says everything that the HTML says. */
  readonly text: string;
}

/** Who the mail is from, as its head and foot show it. */
export interface Sender {
  readonly name: string;
  /** `#rrggbb`; anything else becomes a dark grey. Text on it and beside it is made legible. */
  readonly accent: string;
  readonly addressLines: readonly string[];
  /** Where questions go, and answers to the mail; without it nobody is told to answer. */
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
}

/** What every mail is written with. */
export interface Letterhead {
  readonly sender: Sender;
  /** In the reader's language. */
  readonly words: Words;
}

/** A label and its value, both text. */
export interface Row {
  readonly label: string;
  readonly value: string;
  /** A smaller line under the label. */
  readonly note?: string | undefined;
}
