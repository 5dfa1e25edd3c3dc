import type { APIRoute } from 'astro';
import { refuse } from '#src/kernel/errors.ts';
import { readForm } from '#src/web/forms.ts';
import { visitor } from '#src/web/visitor.ts';
import { urls } from '#src/portal/urls.ts';

/** Ends one session of the person's own in this account. */
export const POST: APIRoute = async ({ locals, request, redirect }) => {
  const { session } = await visitor(locals);
  const wanted = (await readForm(request)).get('session')?.[0] ?? '';
  const ended = await locals.sessions.revoke(locals.merchant, session, wanted);
  if (!ended) refuse('not_found', { what: 'session' });
  return redirect(wanted === session.id ? urls.login : urls.access, 303);
};
