import type { SessionRow, SessionsModel } from '#src/components/models.ts';
import { nowMs } from '#src/kernel/time.ts';
import type { Session } from '#src/signin/session.ts';
import { ago, momentWhen } from '../formatting.ts';
import type { PortalLocals } from '#src/locals.ts';
import type { Visitor } from '../visitor.ts';
import { urls } from '#src/portal/urls.ts';

/** Where the person is signed in, this browser first. */
export async function accessPage(locals: PortalLocals, visitor: Visitor): Promise<SessionsModel> {
  const { merchant, sessions } = locals;
  const all = await sessions.list(merchant, visitor.session);
  const rows = all.map((session) => sessionRow(session, visitor));
  return {
    sessions: rows.toSorted((a, b) => Number(b.current) - Number(a.current)),
    endAction: urls.endSession,
    endAllAction: urls.endAllSessions,
  };
}

const METHOD: Readonly<Record<Session['method'], string>> = {
  magic_link: 'by a sign-in link',
  email_link: 'by e-mail',
  email_code: 'by a code',
  view_link: 'from an invoice',
  sign_up: 'by signing up',
};

function sessionRow(session: Session, { session: own, scope, language }: Visitor): SessionRow {
  const began = momentWhen(session.createdAt, scope.tenant.timeZone, language).text;
  return {
    id: session.id,
    device: deviceOf(session.browser),
    phone: /Mobi|Android|iPhone/.test(session.browser),
    text: `Signed in ${began} ${METHOD[session.method]}, last seen ${ago(session.seenAt, nowMs(scope.clock), language)}`,
    current: session.id === own.id,
  };
}

const BROWSERS: ReadonlyArray<readonly [RegExp, string]> = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrome\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const SYSTEMS: ReadonlyArray<readonly [RegExp, string]> = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
];

/** `Firefox on Windows`, from what the browser says of itself: for recognising, not for trusting. */
function deviceOf(userAgent: string): string {
  const browser = BROWSERS.find(([mark]) => mark.test(userAgent))?.[1];
  const system = SYSTEMS.find(([mark]) => mark.test(userAgent))?.[1];
  if (!browser) return system ? `A browser on ${system}` : 'An unknown browser';
  return system ? `${browser} on ${system}` : browser;
}
