import type { APIContext, MiddlewareNext } from 'astro';
import { defineMiddleware } from 'astro:middleware';
import { Refusal, refuse } from '#src/kernel/errors.ts';
import { assertStorable } from '#src/kernel/text.ts';
import { pageAt } from '#src/portal/pages.ts';
import { isOff } from '#src/web/feature.ts';
import { pageIdAt } from '#src/portal/page-ids.ts';
import { clearCookie } from '#src/signin/cookie.ts';
import { urls, withQuery } from '#src/portal/urls.ts';
import { acceptedTags } from '#src/words/languages.ts';
import { wordsIn } from '#src/words/words.ts';

/**
 * Says who is signed in, lets in whom the page declares (`src/portal/pages.ts`), and turns refusals into pages. Which person of an account
 * may enter is asked where the account is read, by `visitor`.
 */
export const onRequest = defineMiddleware(async (context, next) => {
  const { locals, request } = context;
  const { tenant } = locals.merchant;
  const accepted = acceptedTags(request.headers.get('accept-language') ?? undefined);
  locals.words = wordsIn(...accepted, tenant.language);
  const { session, staleCookie } = await locals.sessions.authenticate(
    tenant,
    request.headers.get('cookie') ?? undefined,
  );
  locals.session = session;
  if (staleCookie) locals.cookies.push(clearCookie(tenant.origin, 'portal'));
  const response = await answer(context, next);
  for (const cookie of locals.cookies) response.headers.append('set-cookie', cookie);
  return response;
});

async function answer(context: APIContext, next: MiddlewareNext): Promise<Response> {
  const { locals, request, url } = context;
  try {
    assertStorable([...url.searchParams]);
    admit(context);
    return await next();
  } catch (error) {
    if (error instanceof Refusal && error.code === 'sign_in_needed')
      return context.redirect(signInFor(url), 303);
    if (error instanceof Refusal && error.code === 'choose_account')
      return context.redirect(withQuery(urls.chooseAccount, { to: pageIdAt(url) }), 303);
    if (!(error instanceof Refusal)) return answerBug(locals, error);
    noteForOperators(locals, error);
    locals.problem = error;
    return context.rewrite(new Request(new URL(urls.problem, url), { headers: request.headers }));
  }
}

/**
 * By the page's own declaration, whatever the address looked like. Refuses `sign_in_needed` to who has no session of the kind it takes, and
 * `not_found` where a setting switches it off.
 */
function admit({ locals, request, routePattern }: APIContext): void {
  const page = pageAt(routePattern);
  locals.entrance = page.for[request.method === 'POST' ? 'POST' : 'GET'];
  const isKnown = locals.session !== undefined && page.sessions.includes(locals.session.scope);
  if (locals.entrance !== 'anyone' && !isKnown) refuse('sign_in_needed');
  if (page.switch && isOff(page.switch, locals.merchant.settings)) refuse('not_found', { what: 'page' });
}

/** Signing in leads back to the page that was asked for, where it has a page id. */
function signInFor(url: URL): string {
  return withQuery(urls.login, { to: pageIdAt(url) });
}

/** What is for whoever runs the portal is not shown to customers: it is written down. */
function noteForOperators(
  { merchant, requestId }: App.Locals,
  { code, message, hint, publicly }: Refusal,
): void {
  if (publicly.hint === hint) return;
  const { log, tenant } = merchant;
  log.warn('a page was refused', {
    tenant: tenant.username,
    incident: requestId,
    code,
    reason: `${message} ${hint}`,
  });
}

/** The front shows a page of its own for every 500, with the request's id to quote. */
function answerBug({ merchant, requestId }: App.Locals, error: unknown): Response {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  merchant.log.error('a page failed', { tenant: merchant.tenant.username, incident: requestId, reason });
  // Astro takes a 500 without a body for a page to be made, out of a request whose form has been read already.
  return new Response('', { status: 500 });
}
