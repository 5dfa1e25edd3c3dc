import type { APIContext, MiddlewareNext } from 'astro';
import { defineMiddleware } from 'astro:middleware';
import { Refusal } from '#src/kernel/errors.ts';
import { assertStorable } from '#src/kernel/text.ts';
import { pageIdAt } from '#src/signin/pages.ts';
import { clearCookie } from '#src/signin/cookie.ts';
import { urls, withQuery } from '#src/web/urls.ts';

/**
 * Says who is signed in, and turns refusals into pages. It guards nothing by path: each page asks for the visitor it needs.
 */
export const onRequest = defineMiddleware(async (context, next) => {
  const { locals, request } = context;
  const { tenant } = locals.merchant;
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
    return await next();
  } catch (error) {
    if (error instanceof Refusal && error.code === 'sign_in_needed')
      return context.redirect(signInFor(url), 303);
    if (error instanceof Refusal && error.code === 'choose_account')
      return context.redirect(withQuery(urls.chooseAccount, { to: pageIdAt(url) }), 303);
    if (!(error instanceof Refusal)) return answerBug(locals, error);
    noteForOperators(locals, error);
    locals.problem = error;
    return context.rewrite(new Request(new URL('/problem', url), { headers: request.headers }));
  }
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
