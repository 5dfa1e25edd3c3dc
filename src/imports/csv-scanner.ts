/** One record of a CSV text. */
export interface CsvRecord {
  /** Physical line on which it starts, counted from 1; CR LF, LF and CR each end a line, inside quotes too. */
  readonly line: number;
  readonly cells: readonly string[];
  /** `stray` text behind a closing quote; `open` quote at the end of the file; `long`er than the limit. The last two end the file. */
  readonly fault?: 'stray' | 'open' | 'long';
}

const QUOTE = 34;
const LF = 10;
const CR = 13;

/** Where in a cell the scanner is: before its first character, in plain text, in quotes, or behind the closing quote. */
type Place = 'start' | 'plain' | 'quoted' | 'closed';

/**
 * Splits CSV (RFC 4180) into records as text comes in, in memory bounded by the longest record.
 * A quote inside an unquoted cell is an ordinary character.
 */
export class CsvScanner {
  readonly #delimiter: number;
  readonly #longest: number;
  #place: Place = 'start';
  #cell = '';
  #cells: string[] = [];
  #size = 0;
  #line = 1;
  #startLine = 1;
  #afterCr = false;
  #fault: CsvRecord['fault'];
  #ready: CsvRecord[] = [];
  #over = false;

  constructor(delimiter: string, longest: number) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#longest = longest;
  }

  /** The records that this piece of text completes. */
  push(text: string): CsvRecord[] {
    for (let at = 0; at < text.length && !this.#over;) {
      at = this.#place === 'quoted' ? this.#inQuotes(text, at) : this.#outside(text, at);
      if (this.#size + this.#cell.length > this.#longest) this.#stop('long');
    }
    return this.#take();
  }

  /** The record at the end of the text, if it lacks a line end. */
  end(): CsvRecord[] {
    if (this.#over) return [];
    if (this.#place === 'quoted') this.#stop('open');
    else if (this.#place !== 'start' || this.#cells.length > 0) this.#endRecord();
    return this.#take();
  }

  #take(): CsvRecord[] {
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  /** Consumes up to the closing quote; a doubled quote opens the cell again. */
  #inQuotes(text: string, from: number): number {
    let at = from;
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (code === CR || (code === LF && !this.#afterCr)) this.#line += 1;
      this.#afterCr = code === CR;
    }
    this.#cell += text.slice(from, at);
    if (at === text.length) return at;
    this.#afterCr = false;
    this.#place = 'closed';
    return at + 1;
  }

  /** Consumes one special character, or plain text up to the next one. */
  #outside(text: string, from: number): number {
    const code = text.charCodeAt(from);
    const wasCr = this.#afterCr;
    this.#afterCr = code === CR;
    if (code === LF && wasCr) {
      this.#startLine = this.#line;
      return from + 1;
    }
    if (code === this.#delimiter) this.#endCell();
    else if (code === CR || code === LF) this.#endLine();
    else if (code === QUOTE && this.#place === 'start') this.#place = 'quoted';
    else if (code === QUOTE && this.#place === 'closed') {
      this.#cell += '"';
      this.#place = 'quoted';
    } else return this.#plain(text, from);
    return from + 1;
  }

  #plain(text: string, from: number): number {
    if (this.#place === 'closed' && text.charCodeAt(from) !== 32) this.#fault ??= 'stray';
    if (this.#place === 'closed' && text.charCodeAt(from) === 32) return from + 1;
    this.#place = 'plain';
    let at = from + 1;
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === this.#delimiter || code === CR || code === LF) break;
    }
    this.#cell += text.slice(from, at);
    return at;
  }

  #endCell(): void {
    this.#size += this.#cell.length + 1;
    this.#cells.push(this.#cell);
    this.#cell = '';
    this.#place = 'start';
  }

  #endLine(): void {
    this.#line += 1;
    this.#endRecord();
  }

  #endRecord(): void {
    this.#endCell();
    this.#emit(this.#fault);
    this.#startLine = this.#line;
  }

  #stop(fault: 'open' | 'long'): void {
    this.#emit(fault);
    this.#over = true;
  }

  #emit(fault: CsvRecord['fault']): void {
    const record = { line: this.#startLine, cells: this.#cells };
    this.#ready.push(fault === undefined ? record : { ...record, fault });
    this.#cells = [];
    this.#cell = '';
    this.#size = 0;
    this.#fault = undefined;
  }
}
