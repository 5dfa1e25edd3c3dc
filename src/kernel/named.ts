/** What people name by a number of its own or by its id. */
interface Named {
  readonly id: number;
  readonly number: string;
}

/** How the rows of a table are looked for by such a name. */
export interface NameQueries<Row extends Named> {
  /** Those with this very number, or with this id; -1 where the name can be no id. */
  readonly exactly: (number: string, id: number) => Promise<readonly Row[]>;
  /** Those whose number in lower case is one of these. At least two of them where there are several. */
  readonly anyCase: (lowerNumbers: readonly string[]) => Promise<readonly Row[]>;
}

/**
 * The row that somebody means: the one with that number, else with that id, else the only one whose number differs in nothing but the case of
 * its letters (`inv-7` for `INV-7`). Undefined where there is none, or where several differ so.
 */
export async function findNamed<Row extends Named>(
  text: string,
  { exactly, anyCase }: NameQueries<Row>,
): Promise<Row | undefined> {
  const number = text.trim();
  const id = /^[1-9]\d{0,14}$/.test(number) ? Number(number) : -1;
  const rows = await exactly(number, id);
  const found = rows.find((row) => row.number === number) ?? rows[0];
  if (found || !/\p{L}/u.test(number)) return found;
  // SQLite's lower() knows the letters of ASCII alone, PostgreSQL's all.
  const ascii = number.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  const [only, ...more] = await anyCase([ascii, number.toLowerCase()]);
  return more.length === 0 ? only : undefined;
}
