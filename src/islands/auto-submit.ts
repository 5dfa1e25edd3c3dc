/**
 * `<auto-submit>` around a form: a changed select or tick sends it. While somebody walks a select with the arrow keys
 * it waits until the field is left or Enter is pressed, and with ticks set by key until the form is left. Dates wait
 * for the button: half-typed years are dates too.
 */
class AutoSubmit extends HTMLElement {
  #byKey = false;
  #waiting: HTMLSelectElement | HTMLInputElement | undefined;

  connectedCallback(): void {
    for (const button of this.querySelectorAll<HTMLElement>('[data-auto]')) button.hidden = true;
    this.addEventListener('keydown', (event) => {
      this.#byKey = event.key !== 'Enter';
      if (event.key === 'Enter' && event.target === this.#waiting) this.send();
    });
    this.addEventListener('pointerdown', () => {
      this.#byKey = false;
    });
    this.addEventListener('change', (event) => this.changed(event.target));
    this.addEventListener('focusout', (event) => {
      const isTick = this.#waiting instanceof HTMLInputElement;
      if (isTick ? !this.contains(event.relatedTarget as Node | null) : event.target === this.#waiting)
        this.send();
    });
  }

  changed(target: EventTarget | null): void {
    const isTick = target instanceof HTMLInputElement && target.type === 'checkbox';
    if (!isTick && !(target instanceof HTMLSelectElement)) return;
    this.#waiting = target;
    if (!this.#byKey) this.send();
  }

  send(): void {
    const form = this.#waiting?.form;
    this.#waiting = undefined;
    form?.requestSubmit();
  }
}

customElements.define('auto-submit', AutoSubmit);
