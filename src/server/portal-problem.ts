import { escapeHtml, type Problem } from './problems.ts';
import type { ServedTenant } from './tenant-finder.ts';

/**
 * The page of a problem that the front answers itself, in the merchant's name and colours. It looks like `MessageView` and is made of text
 * alone, because the pages may be what is broken. `stylesheets` are the paths of the built ones.
 */
export function portalProblemPage(
  shown: Problem,
  { merchant, stylesheet }: ServedTenant,
  stylesheets: readonly string[],
): string {
  const { tenant, settings } = merchant;
  const support = settings['portal.support_email'] || tenant.email;
  const links = [`/theme-${stylesheet.hash}.css`, ...stylesheets].map(
    (href) => `<link rel="stylesheet" href="${escapeHtml(href)}">`,
  );
  const name = escapeHtml(tenant.name);
  const contact = support
    ? `<a class="portal-button portal-button-wide" href="mailto:${escapeHtml(support)}">Write to us</a>`
    : '';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex, nofollow">
<title>${escapeHtml(shown.title)} · ${name}</title>${links.join('')}</head>
<body><div class="portal-plain"><main id="main">
<a class="portal-brand" href="/"><span class="portal-mark" aria-hidden="true">${initialOf(tenant.name)}</span><span>${name}</span></a>
<section class="portal-card"><div class="portal-intro"><h1>${escapeHtml(shown.title)}</h1>
<p>${escapeHtml(shown.message)}</p><p>${escapeHtml(shown.hint)}</p></div>
<div class="portal-stack portal-stack-near">
<a class="portal-button portal-button-go portal-button-wide" href="/">Go to my account</a>${contact}</div>
<p class="portal-hint">Reference: <code>${escapeHtml(shown.requestId)}</code></p>
</section></main></div></body></html>
`;
}

function initialOf(name: string): string {
  return escapeHtml([...name.trim().toLocaleUpperCase('en')][0] ?? '');
}
