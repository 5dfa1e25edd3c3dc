/**
 * `<submit-once>` around a form: after the first submit its buttons rest, and the pressed one says what is going on
 * (`data-busy`). Coming back by the browser's history wakes them again. The server does not rely on it.
 */
class SubmitOnce extends HTMLElement {
  #sent = false;

  connectedCallback(): void {
    this.addEventListener('submit', (event) => {
      if (this.#sent) event.preventDefault();
      else this.rest(event.submitter);
    });
    window.addEventListener('pageshow', (event) => {
      if (event.persisted) this.wake();
    });
  }

  /** Buttons are marked, not disabled: a disabled button would not send its own name and value. */
  rest(pressed: HTMLElement | null): void {
    this.#sent = true;
    for (const button of this.querySelectorAll('button')) button.setAttribute('aria-disabled', 'true');
    const text = pressed?.dataset['busy'];
    if (!pressed || !text) return;
    pressed.setAttribute('aria-busy', 'true');
    const words = [...pressed.childNodes].find(
      (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
    );
    if (!words) return;
    pressed.dataset['rested'] = words.textContent ?? '';
    words.textContent = text;
  }

  wake(): void {
    this.#sent = false;
    for (const button of this.querySelectorAll('button')) {
      button.removeAttribute('aria-disabled');
      button.removeAttribute('aria-busy');
      const text = button.dataset['rested'];
      const words = [...button.childNodes].find(
        (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
      );
      if (text !== undefined && words) words.textContent = text;
      delete button.dataset['rested'];
    }
  }
}

customElements.define('submit-once', SubmitOnce);
