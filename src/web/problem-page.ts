import type { MessageModel } from '#src/components/models.ts';
import type { PortalLocals } from '#src/locals.ts';
import { contactLink } from './shell.ts';
import { urls } from '#src/portal/urls.ts';

const SIGN_IN_CODES = /^(link_|code_)/;

/** What happened and what to do, for whatever stopped a request; nothing of the inside is shown. */
export function problemPage(locals: PortalLocals): { status: number; model: MessageModel } {
  const { problem } = locals;
  if (problem === undefined) return { status: 404, model: notFound(locals) };
  const { title, message, hint } = problem.publicly;
  const signIn = SIGN_IN_CODES.test(problem.code);
  return {
    status: problem.status,
    model: {
      tone: problem.status === 404 ? 'calm' : 'warn',
      icon: problem.status === 404 ? 'search' : signIn ? 'clock' : 'alert',
      title,
      text: message,
      hint,
      primary: signIn
        ? { label: 'Get a new link by e-mail', href: urls.login }
        : { label: 'Go to my account', href: urls.home },
      secondary: contactLink(locals),
    },
  };
}

function notFound(locals: PortalLocals): MessageModel {
  return {
    tone: 'calm',
    icon: 'search',
    title: 'This page is not here',
    text: 'The address may be mistyped, or the page is gone.',
    primary: { label: 'Go to my account', href: urls.home },
    secondary: contactLink(locals),
  };
}
