import type { PageClass } from '#src/portal/page.ts';

/** Sources beyond our own, by kind; each is an https origin, optionally with a path (CSP source grammar). */
export interface Sources {
  readonly script?: readonly string[];
  readonly style?: readonly string[];
  readonly image?: readonly string[];
  readonly font?: readonly string[];
  readonly frame?: readonly string[];
  readonly connect?: readonly string[];
  /** Where a form, or the redirect that answers it, may lead. */
  readonly form?: readonly string[];
}

/** What one tenant's pages use besides the portal: the sites it trusts, and its payment gateway. */
export interface TenantSources {
  /** For content pages alone. */
  readonly trusted?: Sources;
  /** For core pages; its form targets count everywhere. */
  readonly gateway?: Sources;
}

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const SOURCE = new RegExp(
  `^https://(?:\\*\\.)?(?:${LABEL}\\.)+[a-z][a-z0-9-]{0,61}[a-z0-9](?::[0-9]{1,5})?(?:/[A-Za-z0-9\\-._~/]*)?$`,
);
const MOST_SOURCES = 30;
const FILE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";
/** Mails carry their style in themselves. */
const LETTER = FILE.replace(';', "; style-src 'unsafe-inline';");
/** Browsers do not show PDFs in a sandbox. */
const PDF =
  "script-src 'none'; object-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * True for a text that may stand in a policy as a source: https, a host of two labels or more, a wildcard only as
 * the left-most label before at least two more, an optional port and plain path. Keywords (`'unsafe-inline'`),
 * nonces, hashes, other schemes, separators and quotes are not sources.
 */
export function isSource(text: string): boolean {
  if (text.length > 300 || !SOURCE.test(text)) return false;
  const port = /:(\d+)(?:\/|$)/.exec(text.slice(8))?.[1];
  return port === undefined || (Number(port) > 0 && Number(port) <= 65_535);
}

/** The Content-Security-Policy of a class of pages. Sources that are none are left out, never passed on. */
export function contentSecurityPolicy(
  pageClass: PageClass,
  sources: TenantSources,
  options: { readonly secure: boolean },
): string {
  if (pageClass === 'file') return FILE;
  if (pageClass === 'letter') return LETTER;
  if (pageClass === 'pdf') return PDF;
  const extra = (pageClass === 'core' ? sources.gateway : sources.trusted) ?? {};
  const forms = [...(extra.form ?? []), ...(pageClass === 'content' ? (sources.gateway?.form ?? []) : [])];
  const scripts = kept(extra.script);
  const directives = [
    "default-src 'none'",
    `script-src 'self'${scripts}`,
    `style-src 'self'${kept(extra.style)}`,
    `img-src 'self' data:${kept(extra.image)}`,
    `font-src 'self'${kept(extra.font)}`,
    `connect-src 'self'${kept(extra.connect)}`,
    `frame-src${kept(extra.frame) || " 'none'"}`,
    `form-action 'self'${kept(forms)}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
    "manifest-src 'self'",
  ];
  if (scripts === '') directives.push("require-trusted-types-for 'script'");
  if (options.secure) directives.push('upgrade-insecure-requests');
  return directives.join('; ');
}

function kept(sources: readonly string[] = []): string {
  const good = [...new Set(sources)].filter(isSource).slice(0, MOST_SOURCES);
  return good.length === 0 ? '' : ` ${good.join(' ')}`;
}
