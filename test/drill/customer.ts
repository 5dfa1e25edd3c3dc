import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, formFields, textOf, type Visitor } from '#test/support/portal.ts';
import { formatMoney, money } from '#src/kernel/money.ts';

const CARD = { number: '4242 4242 4242 4242', expiry: '12/30', cvc: '123', name: 'Petra Drill' };

type Form = ReadonlyArray<readonly [string, string]>;

/** A receipt that a customer saw with own eyes. */
export interface Acknowledged {
  readonly receipt: string;
  readonly number: string;
  readonly minor: number;
}

/** What all customers share: whether the portal is there, and the journal of what they saw. */
export interface Town {
  readonly dice: (limit: number) => number;
  /** By the form's nonce. */
  readonly journal: Map<string, Acknowledged>;
  /** What no customer should ever see. */
  readonly complaints: string[];
  readonly seen: { lost: number; resent: number; reopened: number; unknown: number };
  /** Payment forms that are sent and not answered. */
  onTheWay: number;
  /** Whether a process serves: nobody presses reload a hundred times while none does. */
  serving: boolean;
  over: boolean;
}

export function emptyTown(dice: Town['dice']): Town {
  const seen = { lost: 0, resent: 0, reopened: 0, unknown: 0 };
  return { dice, journal: new Map(), complaints: [], seen, onTheWay: 0, serving: true, over: false };
}

/** A person with a browser: pays, and when no answer comes presses reload, or starts over with a new form. */
export class Customer {
  readonly #town: Town;
  readonly #visitor: Visitor;
  readonly #link: string;
  readonly #sent: Form[] = [];
  #open: string[];

  constructor(town: Town, visitor: Visitor, link: string, invoices: readonly string[]) {
    this.#town = town;
    this.#visitor = visitor;
    this.#link = link;
    this.#open = [...invoices];
  }

  async signIn(): Promise<void> {
    await this.#visitor.get(this.#link);
  }

  /** Pays one to three open invoices; when none is left, reloads a payment of the past. */
  async act(): Promise<void> {
    const chosen = this.#open.slice(0, 1 + this.#town.dice(3));
    if (chosen.length === 0) return this.#reloadSomething();
    const page = await this.#patiently(() =>
      this.#visitor.get(`/pay?${chosen.map((id) => `invoice=${id}`).join('&')}`),
    );
    if (page?.status !== 200) return this.#setAside(chosen, page);
    const fields = formFields(page.text, '/pay').filter(([name]) => !(name in CARD));
    const form: Form = [...fields, ...Object.entries(CARD)];
    this.#sent.push(form);
    await this.#send(form, chosen);
  }

  async #reloadSomething(): Promise<void> {
    const form = this.#sent[this.#town.dice(this.#sent.length)];
    if (form) await this.#send(form, []);
  }

  async #send(form: Form, chosen: readonly string[]): Promise<void> {
    const answer = await this.#post(form);
    if (answer === undefined) {
      this.#town.seen.lost += 1;
      if (this.#town.over) return;
      if (chosen.length > 0 && this.#town.dice(5) === 0) {
        this.#town.seen.reopened += 1;
        return;
      }
      this.#town.seen.resent += 1;
      await sleep(20);
      while (!this.#town.serving && !this.#town.over) await sleep(10);
      return this.#send(form, chosen);
    }
    const location = String(answer.headers.location ?? '');
    if (answer.status === 303 && location.startsWith('/payments/')) {
      this.#open = this.#open.filter((id) => !chosen.includes(id));
      return this.#readReceipt(form, location);
    }
    this.#setAside(chosen, answer);
  }

  async #readReceipt(form: Form, location: string): Promise<void> {
    const page = await this.#patiently(() => this.#visitor.get(location));
    if (!page) return;
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

  /** Not refused for good and not paid either: the person leaves it to the portal to find out. */
  #setAside(chosen: readonly string[], answer: Answer | undefined): void {
    if (!answer) return;
    this.#open = this.#open.filter((id) => !chosen.includes(id));
    this.#town.seen.unknown += 1;
    if (answer.status >= 500 || answer.status === 429) {
      this.#town.complaints.push(`${answer.status}: ${textOf(answer.text).slice(0, 200)}`);
    }
  }

  async #post(form: Form): Promise<Answer | undefined> {
    this.#town.onTheWay += 1;
    try {
      return await this.#visitor.post('/pay', form);
    } catch {
      return undefined;
    } finally {
      this.#town.onTheWay -= 1;
    }
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
