/** `<copy-text data-text data-done>` around a hidden button: shows it where copying works, and says when it is done. */
class CopyText extends HTMLElement {
  connectedCallback(): void {
    const button = this.querySelector('button');
    if (!button || !('clipboard' in navigator)) return;
    button.hidden = false;
    button.addEventListener('click', () => void this.copy(button));
  }

  async copy(button: HTMLButtonElement): Promise<void> {
    await navigator.clipboard.writeText(this.dataset['text'] ?? '');
    const before = button.textContent;
    button.textContent = this.dataset['done'] ?? before;
    setTimeout(() => {
      button.textContent = before;
    }, 2000);
  }
}

customElements.define('copy-text', CopyText);
