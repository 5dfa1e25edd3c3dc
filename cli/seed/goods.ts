import type { LinePlan } from './plan.ts';

const CATALOGUE = {
  beans: { name: 'Espresso beans “Kontor No. 3”, 1 kg', unit: 'bag', unitCost: '21.90' },
  filter: { name: 'Filter roast “Hafenlicht”, 1 kg', unit: 'bag', unitCost: '19.50' },
  oat: { name: 'Oat drink, barista, 1 l', unit: 'carton', unitCost: '2.35' },
  syrup: { name: 'Vanilla syrup, 0.7 l', unit: 'bottle', unitCost: '7.80' },
  chocolate: { name: 'Drinking chocolate, 500 g', unit: 'tin', unitCost: '9.20' },
  cups: { name: 'Porcelain cup with saucer, 180 ml', unit: 'set', unitCost: '8.40' },
  paper: { name: 'Paper cup, 250 ml, sleeve of 50', unit: 'sleeve', unitCost: '5.15' },
  grinder: {
    name: 'Burr grinder G-64',
    description: 'Stepless, 64 mm steel burrs',
    unit: 'piece',
    unitCost: '649.00',
  },
  machine: {
    name: 'Two-group espresso machine “Viola”',
    description: 'Dual boiler, 400 V',
    unit: 'piece',
    unitCost: '4890.00',
  },
  descaler: { name: 'Descaler concentrate, 1 l', unit: 'bottle', unitCost: '11.40' },
  gasket: { name: 'Group gasket, 8.5 mm', unit: 'piece', unitCost: '3.95' },
  service: { name: 'Service technician on site', unit: 'hour', unitCost: '92.00' },
  training: { name: 'Barista training for your team', unit: 'hour', unitCost: '115.00' },
} as const satisfies Record<string, Omit<LinePlan, 'quantity'>>;

type Article = keyof typeof CATALOGUE;

/** Two articles with their quantities. */
export function GOODS(first: Article, count: number, second: Article, more: number): readonly LinePlan[] {
  return [line(first, count), line(second, more)];
}

/** What a canteen orders every week, without quantities. */
export const STANDING_ORDER: ReadonlyArray<Omit<LinePlan, 'quantity'>> = [
  CATALOGUE.beans,
  CATALOGUE.oat,
  CATALOGUE.paper,
];

/** A quantity that changes from week to week and line to line, the same every time it is asked for. */
export function rotation(week: number, position: number): number {
  return 6 + ((week * 7 + position * 11 + ((week * week) % 5)) % 19);
}

const FAIR = [
  'Counter module, 100 cm',
  'Counter module, 50 cm',
  'Counter corner',
  'Back wall, 100 × 250 cm',
  'Shelf board, oak',
  'Spotlight, warm white',
  'Cable duct, 2 m',
  'Power strip, 6 sockets',
  'Water connection set',
  'Waste water pump',
  'Bar stool',
  'High table',
  'Menu board, illuminated',
  'Floor plate, anthracite',
  'Brochure stand',
  'Refrigerator, 140 l',
  'Dishwasher basket',
  'Tamping station',
  'Knock box',
  'Milk cooler, 8 l',
] as const;

/** Rent and assembly of a stand: 40 lines. */
export const FAIR_LINES: readonly LinePlan[] = FAIR.flatMap((name, i) => [
  {
    name: `${name}, rent for 4 days`,
    quantity: String(1 + (i % 6)),
    unit: 'piece',
    unitCost: `${12 + i * 3}.${i % 2 === 0 ? '50' : '00'}`,
  },
  {
    name: `${name}, assembly and dismantling`,
    quantity: `${(i % 4) + 1}.5`,
    unit: 'hour',
    unitCost: '48.00',
  },
]);

function line(article: Article, count: number): LinePlan {
  return { ...CATALOGUE[article], quantity: String(count) };
}
