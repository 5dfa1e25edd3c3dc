import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, formFields, textOf, type Visitor } from '#test/support/portal.ts';
import { formatMoney, money } from '#src/kernel/money.ts';
import type { Dice } from './dice.ts';

const CARD = { number: '4242 4242 4242 4242', expiry: '12/30', cvc: '123', name: 'Petra Drill' };
const CLEARS_IN_DAYS = '4000 0000 0000 0077';
const DECLINED = '4000 0000 0000 0069';
/** After this many vain looks a person gives an invoice or a payment up. */
const PATIENCE = 8;

type Form = ReadonlyArray<readonly [string, string]>;

/** A receipt that a customer saw with own eyes. */
export interface Acknowledged {
  readonly receipt: string;
  readonly number: string;
  readonly minor: number;
}

/** What all customers share: whether the portal is there, and the journal of what they saw. */
export interface Town {
  readonly dice: Dice;
  /** By the form's nonce. */
  readonly journal: Map<string, Acknowledged>;
  /** What no customer should ever see. */
  readonly complaints: string[];
  readonly seen: { lost: number; resent: number; reopened: number; unknown: number; errors: number };
  /** Payment forms that are sent and not answered. */
  onTheWay: number;
  /** How many processes serve: nobody presses reload a hundred times while none does. */
  serving: number;
  /** Whether a page may say that something is wrong: the disk is full, or the database hangs up. */
  tolerant: boolean;
  over: boolean;
}

export function emptyTown(dice: Dice): Town {
  const seen = { lost: 0, resent: 0, reopened: 0, unknown: 0, errors: 0 };
  return {
    dice,
    journal: new Map(),
    complaints: [],
    seen,
    onTheWay: 0,
    serving: 0,
    tolerant: false,
    over: false,
  };
}

/** The drill presses reload more often than one address may. */
export function fromAnywhere(dice: Dice): Record<string, string> {
  const part = (): number => 1 + dice(250);
  return { 'x-forwarded-for': `10.${part()}.${part()}.${part()}` };
}

interface Pending {
  readonly form: Form;
  readonly chosen: readonly string[];
  readonly page: string;
  looks: number;
}

/** A person with a browser for each process that serves: pays, and when no answer comes presses reload, or starts over with a new form. */
export class Customer {
  readonly #town: Town;
  readonly #visitors: readonly Visitor[];
  readonly #link: string;
  readonly #sent: Form[] = [];
  readonly #tries = new Map<string, number>();
  #open: string[];
  #pending: Pending[] = [];

  constructor(town: Town, visitors: readonly Visitor[], link: string, invoices: readonly string[]) {
    this.#town = town;
    this.#visitors = visitors;
    this.#link = link;
    this.#open = [...invoices];
  }

  /** Whether there is nothing left to pay. */
  get done(): boolean {
    return this.#open.length === 0;
  }

  get visitors(): readonly Visitor[] {
    return this.#visitors;
  }

  async signIn(): Promise<void> {
    for (const visitor of this.#visitors) await this.#patiently(() => visitor.get(this.#link, this.#from()));
  }

  /** Looks after a payment that nobody answered, or pays one or two invoices; when none is left, reloads a payment of the past. */
  async act(): Promise<void> {
    if (this.#pending.length > 0 && this.#town.dice(2) === 0) return this.#lookAfter(this.#pending.shift()!);
    const chosen = this.#open.slice(0, this.#town.dice(4) === 0 ? 2 : 1);
    if (chosen.length === 0) return this.#reloadSomething();
    const page = await this.#patiently(() =>
      this.#get(`/pay?${chosen.map((id) => `invoice=${id}`).join('&')}`),
    );
    if (page?.status !== 200) return this.#setAside(chosen, page);
    const fields = formFields(page.text, '/pay').filter(([name]) => !(name in CARD));
    const form: Form = [...fields, ...Object.entries({ ...CARD, number: this.#card() })];
    this.#sent.push(form);
    await this.#send(form, chosen);
  }

  #card(): string {
    const roll = this.#town.dice(100);
    if (roll < 5) return DECLINED;
    return roll < 12 ? CLEARS_IN_DAYS : CARD.number;
  }

  async #reloadSomething(): Promise<void> {
    const form = this.#sent[this.#town.dice(this.#sent.length)];
    if (form) await this.#send(form, []);
  }

  /** Presses reload on the form or on the page that said that nothing is known yet. */
  async #lookAfter(pending: Pending): Promise<void> {
    if (this.#town.dice(2) === 0) return this.#send(pending.form, pending.chosen, pending.looks + 1);
    const answer = await this.#patiently(() => this.#get(pending.page));
    if (answer) await this.#read(answer, pending.form, pending.chosen, pending.looks + 1);
  }

  async #send(form: Form, chosen: readonly string[], looks = 0): Promise<void> {
    const answer = await this.#post(form);
    if (answer) return this.#read(answer, form, chosen, looks);
    this.#town.seen.lost += 1;
    if (this.#town.over) return;
    if (chosen.length > 0 && this.#town.dice(5) === 0) {
      this.#town.seen.reopened += 1;
      return;
    }
    this.#town.seen.resent += 1;
    await sleep(20);
    while (this.#town.serving === 0 && !this.#town.over) await sleep(10);
    return this.#send(form, chosen, looks);
  }

  async #read(answer: Answer, form: Form, chosen: readonly string[], looks: number): Promise<void> {
    const page = String(answer.headers.location ?? '');
    const goesOn = answer.status === 303 && page.startsWith('/pay/attempts/');
    if (answer.status === 303 && page.startsWith('/payments/')) {
      this.#open = this.#open.filter((id) => !chosen.includes(id));
      return this.#readReceipt(form, page);
    }
    this.#setAside(chosen, answer);
    if (goesOn) this.#town.seen.unknown += 1;
    if (goesOn && looks < PATIENCE) this.#pending.push({ form, chosen, page, looks });
  }

  async #readReceipt(form: Form, location: string): Promise<void> {
    const page = await this.#patiently(() => this.#get(location));
    if (page?.status !== 200) return this.#complain(page);
    const minor = form
      .filter(([name]) => name === 'seen')
      .reduce((sum, [, pair]) => sum + Number(pair.slice(25)), 0);
    const text = textOf(page.text);
    const number = /R-\d{5,}/.exec(text)?.[0] ?? '';
    if (!text.includes(formatMoney(money(minor, 'EUR'), 'en'))) {
      this.#town.complaints.push(`${location} (${page.status}) does not show what was paid: ${minor}`);
    }
    const saw = { receipt: location.slice('/payments/'.length), number, minor };
    const nonce = form.find(([name]) => name === 'nonce')![1];
    const before = this.#town.journal.get(nonce);
    if (before && before.receipt !== saw.receipt) {
      this.#town.complaints.push(`one form has two receipts: ${before.number}, ${number}`);
    }
    this.#town.journal.set(nonce, saw);
  }

  /** Not paid for now: tried again after the others, a few times. */
  #setAside(chosen: readonly string[], answer: Answer | undefined): void {
    this.#complain(answer);
    const again = chosen.filter((id) => {
      const tries = (this.#tries.get(id) ?? 0) + 1;
      this.#tries.set(id, tries);
      return tries < PATIENCE;
    });
    this.#open = [...this.#open.filter((id) => !chosen.includes(id)), ...again];
  }

  #complain(answer: Answer | undefined): void {
    if (!answer || (answer.status < 500 && answer.status !== 429)) return;
    this.#town.seen.errors += 1;
    if (!this.#town.tolerant)
      this.#town.complaints.push(`${answer.status}: ${textOf(answer.text).slice(0, 200)}`);
  }

  #get(path: string): Promise<Answer> {
    return this.#anyVisitor().get(path, this.#from());
  }

  async #post(form: Form): Promise<Answer | undefined> {
    this.#town.onTheWay += 1;
    try {
      return await this.#anyVisitor().post('/pay', form, this.#from());
    } catch {
      return undefined;
    } finally {
      this.#town.onTheWay -= 1;
    }
  }

  #anyVisitor(): Visitor {
    return this.#visitors[this.#town.dice(this.#visitors.length)]!;
  }

  #from(): Record<string, string> {
    return fromAnywhere(this.#town.dice);
  }

  /** Reading again until an answer comes or the drill is over. */
  async #patiently(read: () => Promise<Answer>): Promise<Answer | undefined> {
    while (!this.#town.over) {
      const answer = await read().catch(() => undefined);
      if (answer) return answer;
      await sleep(20);
    }
    return undefined;
  }
}
