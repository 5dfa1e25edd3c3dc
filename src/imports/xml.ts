import { SaxesParser } from 'saxes';

/** An element with its namespace resolved; prefixes do not matter. `text` is its own character data, trimmed. */
export interface XmlElement {
  readonly namespace: string;
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string;
  /** Physical line of the start tag, counted from 1. */
  readonly line: number;
  /** Names from the root down, `Invoice/InvoiceLine[2]/ID`; the number is the place among namesakes, from 2 on. */
  readonly path: string;
}

export interface XmlLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly maxElements: number;
  /** Character data kept of one element; elements named in `skipText` keep none. */
  readonly maxText: number;
  readonly skipText: ReadonlySet<string>;
}

/** Why a file could not be read as XML, in words, with the line where reading stopped. */
export interface XmlFailure {
  readonly reason: string;
  readonly hint: string;
  readonly line?: number;
}

export type XmlResult =
  { readonly ok: true; readonly root: XmlElement } | { readonly ok: false; readonly failure: XmlFailure };

export const XML_LIMITS: XmlLimits = {
  maxBytes: 64 * 1024 * 1024,
  maxDepth: 40,
  maxElements: 500_000,
  maxText: 100_000,
  skipText: new Set(['EmbeddedDocumentBinaryObject']),
};

/**
 * Reads one XML document as it streams in. A DOCTYPE is refused, so no entity can be declared, expanded or fetched; only the five
 * entities of XML itself and character references are known. Encodings: UTF-8, UTF-16 with a byte order mark, or as declared.
 */
export async function readXml(
  chunks: AsyncIterable<Uint8Array>,
  limits: XmlLimits = XML_LIMITS,
): Promise<XmlResult> {
  const builder = new TreeBuilder(limits);
  let decoder: TextDecoder | undefined;
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      if (bytes > limits.maxBytes) throw tooLarge(limits);
      decoder ??= decoderFor(chunk);
      builder.write(decoder.decode(chunk, { stream: true }));
    }
    builder.write(decoder?.decode() ?? '');
    return { ok: true, root: builder.finish() };
  } catch (error) {
    if (error instanceof XmlStop) return { ok: false, failure: error.failure };
    if (error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      const hint = 'Save the file as UTF-8, or declare its encoding in the first line.';
      return {
        ok: false,
        failure: { reason: 'The file contains bytes that its encoding does not allow.', hint },
      };
    }
    throw error;
  }
}

/** The whole document from memory; text counts as UTF-8. */
export async function* oneChunk(data: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield typeof data === 'string' ? new TextEncoder().encode(data) : data;
}

class XmlStop extends Error {
  readonly failure: XmlFailure;

  constructor(failure: XmlFailure) {
    super(failure.reason);
    this.failure = failure;
  }
}

interface OpenElement {
  namespace: string;
  name: string;
  attributes: Map<string, string>;
  children: XmlElement[];
  text: string;
  line: number;
  path: string;
  seen: Map<string, number>;
}

/** Turns parser events into a tree, within the limits. */
class TreeBuilder {
  readonly #limits: XmlLimits;
  readonly #parser: SaxesParser<{ xmlns: true; position: true }>;
  readonly #open: OpenElement[] = [];
  #root: XmlElement | undefined;
  #elements = 0;

  constructor(limits: XmlLimits) {
    this.#limits = limits;
    this.#parser = new SaxesParser({ xmlns: true, position: true });
    this.#parser.on('error', (error) => this.#stop(`This is not well-formed XML: ${plain(error.message)}.`));
    this.#parser.on('doctype', () => {
      this.#stop(
        'The file declares a DOCTYPE, which could define entities.',
        'UBL does not use one: remove it.',
      );
    });
    this.#parser.on('opentag', (tag) => {
      const attributes = Object.values(tag.attributes).map((a): [string, string] => [a.local, a.value]);
      this.#start(tag.uri, tag.local, new Map(attributes));
    });
    this.#parser.on('text', (text) => this.#text(text));
    this.#parser.on('cdata', (text) => this.#text(text));
    this.#parser.on('closetag', () => this.#end());
  }

  write(text: string): void {
    this.#parser.write(text);
  }

  finish(): XmlElement {
    this.#parser.close();
    return this.#root ?? this.#stop('The file is empty.', 'Give a UBL invoice or credit note.');
  }

  #start(namespace: string, name: string, attributes: Map<string, string>): void {
    const parent = this.#open.at(-1);
    if (this.#open.length >= this.#limits.maxDepth)
      this.#stop('The elements are nested too deeply for an invoice.');
    this.#elements += 1;
    if (this.#elements > this.#limits.maxElements)
      this.#stop('The file has too many elements for an invoice.');
    const count = (parent?.seen.get(name) ?? 0) + 1;
    parent?.seen.set(name, count);
    const step = count === 1 ? name : `${name}[${count}]`;
    const path = parent ? `${parent.path}/${step}` : step;
    this.#open.push({
      namespace,
      name,
      attributes,
      children: [],
      text: '',
      line: this.#parser.line,
      path,
      seen: new Map(),
    });
  }

  #text(text: string): void {
    const element = this.#open.at(-1);
    if (!element || this.#limits.skipText.has(element.name)) return;
    if (element.text.length + text.length > this.#limits.maxText)
      this.#stop(`The text in ${element.path} is too long.`);
    element.text += text;
  }

  #end(): void {
    const closed = this.#open.pop();
    if (!closed) return;
    const { namespace, name, attributes, children, line, path } = closed;
    const element: XmlElement = {
      namespace,
      name,
      attributes,
      children,
      line,
      path,
      text: closed.text.trim(),
    };
    const parent = this.#open.at(-1);
    if (parent) parent.children.push(element);
    else this.#root = element;
  }

  #stop(reason: string, hint = 'Export the document again, or ask its sender for a correct copy.'): never {
    throw new XmlStop({ reason, hint, line: this.#parser.line });
  }
}

function tooLarge(limits: XmlLimits): XmlStop {
  const mib = Math.floor(limits.maxBytes / 1024 / 1024);
  return new XmlStop({
    reason: `The file is larger than ${mib} MiB.`,
    hint: 'Leave out embedded attachments, or split the document.',
  });
}

function decoderFor(start: Uint8Array): TextDecoder {
  if (start[0] === 0xff && start[1] === 0xfe) return new TextDecoder('utf-16le', { fatal: true });
  if (start[0] === 0xfe && start[1] === 0xff) return new TextDecoder('utf-16be', { fatal: true });
  const head = new TextDecoder('latin1').decode(start.subarray(0, 200));
  const declared = /^(?:ï»¿)?<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(head)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(declared, { fatal: true });
  } catch {
    throw new XmlStop({
      reason: `The encoding “${declared}” is not known.`,
      hint: 'Save the file as UTF-8.',
      line: 1,
    });
  }
}

/** The parser's message without its position prefix and closing dot. */
function plain(message: string): string {
  return message.replace(/^(?:\S*:)?\d+:\d+:\s*/, '').replace(/\.$/, '');
}
