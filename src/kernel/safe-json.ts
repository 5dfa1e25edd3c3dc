/** Controls beyond ASCII, bidirectional marks, invisible letters and line separators: JSON leaves them as they are, terminals obey them. */
const UNSAFE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** JSON that reads back as the same value and is safe to print: whatever could command a terminal is written as `\uXXXX` (RFC 8259 §7). */
export function safeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    UNSAFE,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
