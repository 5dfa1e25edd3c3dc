import type { APIRoute } from 'astro';
import { visitor } from '#src/web/visitor.ts';
import { signOut } from '#src/web/access/sign-in.ts';
import { urls } from '#src/portal/urls.ts';

/** Ends every session of the person's own in this account, this one too. */
export const POST: APIRoute = async ({ locals, request, redirect }) => {
  const { session } = await visitor(locals);
  await locals.sessions.revokeAll(locals.merchant, session);
  const response = redirect(urls.login, 303);
  await signOut({ locals, request });
  return response;
};
