/*
 * UN/ECE Recommendation 20 codes as electronic invoices carry them, and what people call them. An invoice that counts pieces needs no
 * unit, so the codes for pieces have no name.
 */
const NAMES: Readonly<Record<string, string>> = {
  C62: '', EA: '', H87: '', XPP: '', XUN: '', NAR: '', ZZ: '', '1': '', LS: '', XZZ: '',
  SEC: 's', MIN: 'min', HUR: 'h', LH: 'h', DAY: 'days', E49: 'days', WEE: 'weeks', MON: 'months', ANN: 'years',
  GRM: 'g', KGM: 'kg', TNE: 't', MMT: 'mm', CMT: 'cm', MTR: 'm', KMT: 'km', SMI: 'mi', FOT: 'ft', LM: 'm',
  MTK: 'm²', MTQ: 'm³', MLT: 'ml', LTR: 'l', KWH: 'kWh', MWH: 'MWh', XBX: 'boxes', BX: 'boxes', XPK: 'packs', PR: 'pairs',
  SET: 'sets', KMQ: 'kg/m³', P1: '%', GB: 'GB', E34: 'GB', E36: 'PB', E35: 'TB', '4L': 'MB', NPR: 'pairs', DZN: 'dozen',
}; // prettier-ignore

/** The unit of a quantity for people: codes by their names, other words as they are, undefined for plain pieces. */
export function unitName(unit: string | undefined): string | undefined {
  const given = unit?.trim() ?? '';
  return (Object.hasOwn(NAMES, given) ? NAMES[given] : given) || undefined;
}
