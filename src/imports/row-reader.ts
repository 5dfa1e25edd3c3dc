import { minorDigits } from '#src/kernel/money.ts';
import type { ColumnMap, ColumnName, TableKind } from './columns.ts';
import { countryCode } from './countries.ts';
import { type DateOrder, readDay } from './dates.ts';
import { minorExactly, readExact } from './exact.ts';
import { firstCell, placesOf } from './grouping.ts';
import { optional } from './optional.ts';
import type { Complaint, ImportProblem } from './problems.ts';
import { quotable } from './problems.ts';
import type { Survey } from './survey.ts';
import type { TableRow } from './table.ts';
import type { DecimalMark } from '#src/kernel/amount-text.ts';
import { readMajorUnits, readCurrencyCode, readEmail, readLanguage, readPercent } from './values.ts';

/** A row as it was meant, or everything that is wrong with it. */
export type RowResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly ImportProblem[] };

/** What the person who imports says about the file. */
export interface RowSettings {
  readonly file: string;
  /** Currency of rows that name none. */
  readonly currency?: string;
  readonly dateOrder?: DateOrder;
  readonly decimalMark?: DecimalMark;
  /** What the file itself proves, where the person says nothing. */
  readonly survey?: Survey;
}

export interface RowAddress {
  readonly line1?: string;
  readonly line2?: string;
  readonly city?: string;
  readonly state?: string;
  readonly postalCode?: string;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string;
}

/** Columns of an address: two lines, city, state, postal code, country. */
type AddressColumns<C> = readonly [C, C, C, C, C, C];

/** Reads the cells of one row and collects what is wrong with them; an empty cell is no value. */
export class RowReader<K extends TableKind> {
  readonly #row: TableRow;
  readonly #columns: ColumnMap<K>;
  readonly #settings: RowSettings;
  readonly #problems: ImportProblem[] = [];

  constructor(row: TableRow, columns: ColumnMap<K>, settings: RowSettings) {
    this.#row = row;
    this.#columns = columns;
    this.#settings = settings;
  }

  /** The value when every cell was usable, else the problems. */
  result<T>(value: T): RowResult<T> {
    return this.#problems.length === 0 ? { ok: true, value } : { ok: false, problems: this.#problems };
  }

  text(column: ColumnName<K>): string | undefined {
    const cell = this.#cell(column);
    if (cell === '') return undefined;
    if (cell.includes('\0')) {
      return this.#refuse(column, cell, {
        reason: 'The cell contains a NUL character.',
        hint: 'Export the file again.',
      });
    }
    return cell;
  }

  /** A number or code that identifies something. */
  required(column: ColumnName<K>): string {
    return this.text(column) ?? this.missing(column, 'The cell is empty.');
  }

  missing(column: ColumnName<K>, reason: string): string {
    if (this.#problems.some((problem) => problem.column === this.#theirName(column))) return '';
    this.#refuse(column, '', { reason, hint: `Fill in ${column}, or leave the row out.` });
    return '';
  }

  noCurrency(column: ColumnName<K>): string {
    if (this.text(column) === undefined) {
      const hint = 'Name it with --currency, or add a column “currency”.';
      this.#refuse(column, '', { reason: 'The row does not say its currency.', hint });
    }
    return '';
  }

  email(column: ColumnName<K>): string | undefined {
    return this.#read(column, readEmail);
  }

  language(column: ColumnName<K>): string | undefined {
    return this.#read(column, readLanguage);
  }

  currency(column: ColumnName<K>): string | undefined {
    return this.#read(column, readCurrencyCode);
  }

  day(column: ColumnName<K>): string | undefined {
    const { dateOrder, survey } = this.#settings;
    return this.#read(column, (text) => readDay(text, dateOrder ?? survey?.dateOrder));
  }

  /** Plain decimal text; `currency` names the symbol that may stand beside it. */
  decimal(column: ColumnName<K>, currency = this.#settings.currency): string | undefined {
    return this.#read(column, (text) => readMajorUnits(text, this.#mark(column), currency));
  }

  /** Plain decimal text. */
  percent(column: ColumnName<K>): string | undefined {
    return this.#read(column, (text) => readPercent(text, this.#mark(column)));
  }

  /** Minor units, exactly; no currency (`''`) means a problem is already noted. */
  minor(column: ColumnName<K>, currency: string): number | undefined {
    if (currency === '') return undefined;
    const text = this.decimal(column, currency);
    const value = text === undefined ? undefined : readExact(text);
    if (!value) return undefined;
    const minor = minorExactly(value, minorDigits(currency));
    if (minor !== undefined) return minor;
    const cell = this.text(column) ?? '';
    const reason = `“${quotable(cell)}” is not an amount in ${currency}, which has ${minorDigits(currency)} decimals.`;
    return this.#refuse(column, cell, {
      reason,
      hint: 'Write it without grouping and with a point, for example 1234.50; --decimal tells the decimal mark.',
    });
  }

  address(columns: AddressColumns<ColumnName<K>>): RowAddress {
    const [line1, line2, city, state, postalCode, country] = columns;
    return {
      ...optional('line1', this.text(line1)),
      ...optional('line2', this.text(line2)),
      ...optional('city', this.text(city)),
      ...optional('state', this.text(state)),
      ...optional('postalCode', this.text(postalCode)),
      ...optional('country', this.#read(country, readCountry)),
    };
  }

  /** The first cell of the column's places that says something. */
  #cell(column: ColumnName<K>): string {
    return firstCell(this.#row, placesOf(this.#columns, column));
  }

  #mark(column: ColumnName<K>): DecimalMark | undefined {
    const { decimalMark, survey } = this.#settings;
    return decimalMark ?? survey?.markAt(this.#columns.at.get(column));
  }

  #read(column: ColumnName<K>, reader: (text: string) => string | Complaint): string | undefined {
    const text = this.text(column);
    if (text === undefined) return undefined;
    const value = reader(text);
    return typeof value === 'string' ? value : this.#refuse(column, text, value);
  }

  #refuse(column: ColumnName<K>, value: string, complaint: Complaint): undefined {
    const place = { file: this.#settings.file, line: this.#row.line, column: this.#theirName(column) };
    this.#problems.push({ ...place, value: quotable(value), ...complaint });
    return undefined;
  }

  #theirName(column: ColumnName<K>): string {
    const place = this.#columns.at.get(column);
    return (place === undefined ? undefined : this.#columns.header[place]) ?? column;
  }
}

function readCountry(text: string): string | Complaint {
  const reason = `“${quotable(text)}” is not a country we know.`;
  return (
    countryCode(text) ?? {
      reason,
      hint: 'Write its English name or its two-letter code of ISO 3166, such as DE.',
    }
  );
}
