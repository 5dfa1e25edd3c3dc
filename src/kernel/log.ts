export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Structured lines for operators. Never put a token, a card number or a secret into a field. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };
