import { type Command, InvalidArgumentError, Option } from 'commander';

export interface JsonOption {
  readonly json?: true;
}

export interface ListOptions extends JsonOption {
  readonly limit?: number;
}

/** Adds `--json`. */
export function json(command: Command): Command {
  return command.option('--json', 'answer JSON for programs');
}

/** Adds `--json` and `--limit`. */
export function listOptions(command: Command): Command {
  return json(command).option('--limit <number>', 'the most to answer; everything without it', wholeNumber);
}

/** Adds examples to the end of a command's help. */
export function examples(command: Command, ...lines: readonly string[]): Command {
  const title = lines.length === 1 ? 'Example:' : 'Examples:';
  return command.addHelpText('after', ['', title, ...lines.map((line) => `  ${line}`)].join('\n'));
}

/** An option with a closed list of values. */
export function oneOf(
  flags: string,
  description: string,
  values: readonly string[],
  fallback?: string,
): Option {
  const option = new Option(flags, description).choices(values);
  return fallback === undefined ? option : option.default(fallback);
}

/** Reads a positive whole number; anything else is wrong usage. */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return Number(text);
}

/** Reads a currency code in any case; whether there is such a currency is found out where it is used. */
export function currencyCode(text: string): string {
  return text.trim().toUpperCase();
}

/** Reads a country code in any case; an empty text says none. */
export function countryCode(text: string): string {
  if (!/^([A-Za-z]{2})?$/.test(text))
    throw new InvalidArgumentError('It must be two letters (ISO 3166), for example DE.');
  return text.toUpperCase();
}

/** Adds the lines of a postal address. */
export function addressOptions(command: Command): Command {
  return command
    .option('--address1 <text>', 'street and number')
    .option('--address2 <text>', 'what else the address needs')
    .option('--city <text>')
    .option('--region <text>', 'state, province or county')
    .option('--postal-code <text>')
    .option('--country <code>', 'two letters', countryCode);
}

/** What is to change, as operations take it: options that were not given stay out, an empty text empties. */
export function changesOf<Options extends object>(
  options: Options,
): { [Name in keyof Options]: Options[Name] | null } {
  const given = Object.entries(options).map(([name, value]) => [
    name,
    value === '' ? null : (value as unknown),
  ]);
  return Object.fromEntries(given) as { [Name in keyof Options]: Options[Name] | null };
}

/** Adds `--disable-methods`; the names are looked at where they are used. */
export function disableMethods(command: Command, whose: string): Command {
  const description = `ways to pay that are off for ${whose}, with commas: credit_card,ach; none for none`;
  return command.option('--disable-methods <methods>', description, readNames);
}

function readNames(text: string): readonly string[] {
  return text.trim() === 'none' ? [] : text.split(',').map((name) => name.trim());
}

/** Gathers an option that may be given several times. */
export function gather(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
