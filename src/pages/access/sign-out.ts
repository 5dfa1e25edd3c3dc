import type { APIRoute } from 'astro';
import { signOut } from '#src/web/access/sign-in.ts';
import { urls } from '#src/portal/urls.ts';

export const POST: APIRoute = async ({ locals, request, redirect }) => {
  const response = redirect(urls.login, 303);
  await signOut({ locals, request });
  // The Back button must not show the account again.
  response.headers.append('clear-site-data', '"cache"');
  return response;
};
