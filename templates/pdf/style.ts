import type { Weight } from './fonts.ts';
import type { Stamp } from './model.ts';

/** Red, green and blue, each 0 to 1. */
export type Ink = readonly [number, number, number];

/** How a text is set. Sizes and leading in points. */
export interface Style {
  readonly weight: Weight;
  readonly size: number;
  readonly leading: number;
  readonly ink: Ink;
  /** Room between letters, in ems: large sizes are set tighter. */
  readonly tracking?: number;
}

/** `#rrggbb` as ink; anything else is the colour of text. */
export function inkOf(color: string): Ink {
  const parts = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (!parts) return inks.text;
  const [, red = '0', green = '0', blue = '0'] = parts;
  return [share(red), share(green), share(blue)];
}

function share(hex: string): number {
  return Math.round((Number.parseInt(hex, 16) / 255) * 1000) / 1000;
}

export const inks = {
  text: [0.075, 0.09, 0.125],
  second: [0.27, 0.3, 0.36],
  muted: [0.42, 0.45, 0.51],
  line: [0.89, 0.9, 0.92],
  strongLine: [0.72, 0.74, 0.78],
} as const satisfies Record<string, Ink>;

export const styles = {
  title: { weight: 'strong', size: 24, leading: 29, ink: inks.text, tracking: -0.021 },
  number: { weight: 'regular', size: 11, leading: 16, ink: inks.muted },
  brand: { weight: 'strong', size: 13, leading: 17, ink: inks.text, tracking: -0.011 },
  headline: { weight: 'strong', size: 19, leading: 24, ink: inks.text, tracking: -0.018 },
  headlineNote: { weight: 'regular', size: 10.5, leading: 15, ink: inks.muted },
  label: { weight: 'regular', size: 8, leading: 12, ink: inks.muted },
  name: { weight: 'strong', size: 9.5, leading: 14, ink: inks.text },
  body: { weight: 'regular', size: 9.5, leading: 14, ink: inks.text },
  soft: { weight: 'regular', size: 9.5, leading: 14, ink: inks.second },
  small: { weight: 'regular', size: 8.5, leading: 12, ink: inks.muted },
  total: { weight: 'strong', size: 11, leading: 16, ink: inks.text },
  stamp: { weight: 'strong', size: 8.5, leading: 18, ink: inks.text },
  foot: { weight: 'regular', size: 7.5, leading: 10.5, ink: inks.muted },
} as const satisfies Record<string, Style>;

/** Paper and ink of a stamp. */
export const tones: Readonly<Record<Stamp['tone'], { readonly paper: Ink; readonly ink: Ink }>> = {
  good: { paper: [0.905, 0.965, 0.932], ink: [0.06, 0.38, 0.23] },
  bad: { paper: [0.992, 0.925, 0.918], ink: [0.64, 0.12, 0.09] },
  calm: { paper: [0.933, 0.945, 0.96], ink: [0.27, 0.33, 0.4] },
};

/** Room that a style takes away between letters, in ems. */
export function trackingOf(text: string, { size, tracking }: Style): number {
  return tracking
    ? (Math.max(0, [...text].length - 1) * (Math.round(size * tracking * 100) / 100)) / size
    : 0;
}
