/** The accent of a mail, for both backgrounds. All are `#rrggbb`. */
export interface AccentColours {
  readonly button: string;
  readonly onButton: string;
  /** The same in a dark mail client. */
  readonly darkButton: string;
  readonly onDarkButton: string;
}

type Colour = readonly [number, number, number];

const FALLBACK: Colour = [31, 36, 48];
const BLACK: Colour = [0, 0, 0];
const WHITE: Colour = [255, 255, 255];
const INK: Colour = [20, 23, 31];
const DARK_CARD: Colour = [28, 31, 38];
/** WCAG 2.2: 1.4.3 for the words on the button, 1.4.11 for the button on its ground. */
const FOR_WORDS = 4.6;
const FOR_SHAPES = 3;

/** Makes any accent safe: a light one carries dark words, a middling one is darkened until white words are legible on it. */
export function accentColours(accent: string): AccentColours {
  const base = readColour(accent) ?? FALLBACK;
  const [button, onButton] = withWords(base);
  const [darkButton, onDarkButton] = withWords(forDarkGround(button));
  return {
    button: write(button),
    onButton: write(onButton),
    darkButton: write(darkButton),
    onDarkButton: write(onDarkButton),
  };
}

/** Contrast of two `#rrggbb` colours by WCAG, 1 to 21. */
export function contrast(one: string, other: string): number {
  return ratio(readColour(one) ?? BLACK, readColour(other) ?? WHITE);
}

function withWords(colour: Colour): readonly [Colour, Colour] {
  if (ratio(colour, WHITE) >= FOR_WORDS) return [colour, WHITE];
  if (ratio(colour, INK) >= 7.5) return [colour, INK];
  let darker = colour;
  while (ratio(darker, WHITE) < FOR_WORDS) darker = mix(darker, BLACK, 0.04);
  return [darker, WHITE];
}

/** A colour that nearly is the dark ground would become a dull grey that looks switched off: it becomes a pale tint instead. */
function forDarkGround(colour: Colour): Colour {
  const isNight = ratio(colour, DARK_CARD) < 1.4;
  return lightenUntil(colour, DARK_CARD, isNight ? 12 : FOR_SHAPES);
}

function lightenUntil(colour: Colour, ground: Colour, wanted: number): Colour {
  let lighter = colour;
  while (ratio(lighter, ground) < wanted) lighter = mix(lighter, WHITE, 0.06);
  return lighter;
}

function mix(colour: Colour, other: Colour, share: number): Colour {
  const at = (index: 0 | 1 | 2): number => {
    const mixed = colour[index] + (other[index] - colour[index]) * share;
    return other[index] > colour[index] ? Math.ceil(mixed) : Math.floor(mixed);
  };
  return [at(0), at(1), at(2)];
}

function ratio(one: Colour, other: Colour): number {
  const [light, dark] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function luminance([red, green, blue]: Colour): number {
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function linear(channel: number): number {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function readColour(text: string): Colour | undefined {
  const parts = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text);
  if (!parts) return undefined;
  const [, red = '', green = '', blue = ''] = parts;
  return [Number.parseInt(red, 16), Number.parseInt(green, 16), Number.parseInt(blue, 16)];
}

function write(colour: Colour): string {
  return `#${colour.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}
