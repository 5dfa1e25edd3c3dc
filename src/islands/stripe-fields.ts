/**
 * `<stripe-fields>` in a form that pays or keeps an instrument: mounts Stripe's Payment Element when its way to pay is chosen, and turns what was
 * typed into a token before the form is sent. The token goes into the hidden field; numbers never reach the portal.
 */
interface StripeElement {
  mount(at: HTMLElement): void;
  on(event: 'ready' | 'loaderror', done: () => void): void;
}
interface StripeElements {
  create(kind: 'payment', options: object): StripeElement;
  submit(): Promise<{ error?: { message?: string } }>;
}
interface StripeClient {
  elements(options: object): StripeElements;
  createPaymentMethod(from: {
    elements: StripeElements;
  }): Promise<{ paymentMethod?: { id: string }; error?: { message?: string } }>;
}
/** What Stripe's script leaves behind. */
type WithStripe = Window & { Stripe?: (key: string) => StripeClient };

const SCRIPT = 'https://js.stripe.com/clover/stripe.js';
let loading: Promise<void> | undefined;

class StripeFields extends HTMLElement {
  #client: StripeClient | undefined;
  #elements: StripeElements | undefined;
  #isMounting = false;
  #isBusy = false;

  connectedCallback(): void {
    const form = this.closest('form');
    form?.addEventListener('change', () => this.mountWhenShown());
    form?.addEventListener('submit', (event) => this.beforeSending(event, form), { capture: true });
    this.mountWhenShown();
  }

  /** Fields of a way to pay that was not chosen are not laid out, and Stripe's would have no size. */
  mountWhenShown(): void {
    if (this.#isMounting || !this.checkVisibility()) return;
    this.#isMounting = true;
    this.mount().catch(() => this.tell(this.dataset['failed']));
  }

  async mount(): Promise<void> {
    await (loading ??= loadScript());
    const client = (window as WithStripe).Stripe?.(this.dataset['key'] ?? '');
    if (!client) throw new Error('Stripe did not load');
    const elements = client.elements({
      mode: 'setup',
      paymentMethodTypes: [this.dataset['type']],
      paymentMethodCreation: 'manual',
      locale: document.documentElement.dataset['language'] || 'auto',
      appearance: appearanceOf(this),
    });
    const fields = elements.create('payment', {
      terms: { card: 'never', sepaDebit: 'never', usBankAccount: 'never' },
      wallets: { applePay: 'never', googlePay: 'never', link: 'never' },
    });
    fields.on('ready', () => this.querySelector('[data-loading]')?.remove());
    fields.on('loaderror', () => this.tell(this.dataset['failed']));
    fields.mount(this.querySelector<HTMLElement>('[data-fields]')!);
    this.#client = client;
    this.#elements = elements;
  }

  /** Holds the form back until there is a token, then sends it with the same button. */
  beforeSending(event: SubmitEvent, form: HTMLFormElement): void {
    const token = this.querySelector<HTMLInputElement>('input[type=hidden]');
    if (!token || token.value !== '' || !this.checkVisibility()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.#isBusy) return;
    this.#isBusy = true;
    const button = event.submitter;
    button?.setAttribute('aria-busy', 'true');
    this.tokenise()
      .then((id) => {
        token.value = id;
        // In a task of its own: a form that is just being submitted ignores being asked again.
        return setTimeout(() => form.requestSubmit(button));
      })
      .catch((error: unknown) => this.tell(error instanceof Error ? error.message : this.dataset['failed']))
      .finally(() => {
        this.#isBusy = false;
        button?.removeAttribute('aria-busy');
      });
  }

  async tokenise(): Promise<string> {
    const failed = this.dataset['failed'] ?? '';
    if (!this.#client || !this.#elements) throw new Error(failed);
    this.tell(undefined);
    const { error: wrong } = await this.#elements.submit();
    if (wrong) throw new Error(wrong.message ?? failed);
    const { paymentMethod, error } = await this.#client.createPaymentMethod({ elements: this.#elements });
    if (!paymentMethod) throw new Error(error?.message ?? failed);
    return paymentMethod.id;
  }

  tell(text: string | undefined): void {
    const error = this.querySelector<HTMLElement>('[data-error]');
    if (!error) return;
    error.hidden = text === undefined;
    error.textContent = text ?? '';
  }
}

/** Stripe's script may come from Stripe alone; it is asked for when somebody is about to type a card or an account. */
function loadScript(): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = SCRIPT;
    script.addEventListener('load', () => resolve());
    script.addEventListener('error', () => reject(new Error('Stripe did not load')));
    document.head.append(script);
  });
}

/** The portal's own colours and corners for Stripe's fields. */
function appearanceOf(element: HTMLElement): object {
  const style = getComputedStyle(element);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  const isDark = matchMedia('(prefers-color-scheme: dark)').matches;
  const variables = {
    colorPrimary: value('--portal-accent'),
    colorBackground: value('--portal-surface'),
    colorText: style.color,
    borderRadius: value('--portal-radius'),
    fontSizeBase: style.fontSize,
  };
  const known = Object.entries(variables).filter(([, text]) => /^(#|rgb|[\d.]+(px|rem))/.test(text));
  return { theme: isDark ? 'night' : 'stripe', variables: Object.fromEntries(known) };
}

customElements.define('stripe-fields', StripeFields);
