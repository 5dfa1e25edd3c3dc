import { wordsIn } from '#src/words/words.ts';
import { escapeHtml, type Problem } from './problems.ts';
import type { ServedTenant } from './tenant-finder.ts';

/**
 * The page of a problem that the front answers itself, in the merchant's name and colours, or in the portal's own where the address is no
 * merchant's. It looks like `MessageView` and is made of text alone, because the pages may be what is broken. `stylesheets` are the paths of
 * the built ones.
 */
export function portalProblemPage(
  shown: Problem,
  served: ServedTenant | undefined,
  stylesheets: readonly string[],
): string {
  const theme = served ? [`/theme-${served.stylesheet.hash}.css`] : [];
  const links = [...theme, ...stylesheets].map(
    (href) => `<link rel="stylesheet" href="${escapeHtml(href)}">`,
  );
  const name = served ? ` · ${escapeHtml(served.merchant.tenant.name)}` : '';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex, nofollow">
<title>${escapeHtml(shown.title)}${name}</title>${links.join('')}</head>
<body><div class="portal-plain"><main id="main">
${served ? brandOf(served) : ''}
<section class="portal-card"><div class="portal-intro"><h1>${escapeHtml(shown.title)}</h1>
<p>${escapeHtml(shown.message)}</p><p>${escapeHtml(shown.hint)}</p></div>
${served ? waysOn(served) : ''}
<p class="portal-hint">Reference: <code>${escapeHtml(shown.requestId)}</code></p>
</section></main></div></body></html>
`;
}

function brandOf({ merchant: { tenant } }: ServedTenant): string {
  const mark = `<span class="portal-mark" aria-hidden="true">${initialOf(tenant.name)}</span>`;
  return `<a class="portal-brand" href="/">${mark}<span>${escapeHtml(tenant.name)}</span></a>`;
}

function waysOn({ merchant: { tenant, settings } }: ServedTenant): string {
  const support = settings['portal.support_email'] || tenant.email;
  const { shell } = wordsIn(tenant.language);
  const label = escapeHtml(shell.contact({ merchant: tenant.name }));
  const contact = support
    ? `<a class="portal-button portal-button-wide" href="mailto:${escapeHtml(support)}">${label}</a>`
    : '';
  return `<div class="portal-stack portal-stack-near">
<a class="portal-button portal-button-go portal-button-wide" href="/">Go to my account</a>${contact}</div>`;
}

function initialOf(name: string): string {
  return escapeHtml([...name.trim().toLocaleUpperCase('en')][0] ?? '');
}
