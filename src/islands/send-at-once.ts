/**
 * `<send-at-once>` around a form: it is sent when the page is opened. Who comes back to the page by the browser's own button is not sent on
 * again: they would never get past it.
 */
class SendAtOnce extends HTMLElement {
  connectedCallback(): void {
    const [visit] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    if (visit?.type === 'back_forward') return;
    this.querySelector('form')?.requestSubmit();
  }
}

customElements.define('send-at-once', SendAtOnce);
