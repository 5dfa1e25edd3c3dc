import type { SessionRow, SessionsModel } from '#src/components/models.ts';
import { dateOf, nowMs } from '#src/kernel/time.ts';
import type { Session } from '#src/signin/session.ts';
import type { Words } from '#src/words/words.ts';
import type { PortalLocals } from '#src/locals.ts';
import type { Visitor } from '../visitor.ts';
import { urls } from '#src/portal/urls.ts';

/** Where the person is signed in, this browser first. */
export async function accessPage(locals: PortalLocals, visitor: Visitor): Promise<SessionsModel> {
  const { merchant, sessions } = locals;
  const all = await sessions.list(merchant, visitor.session);
  const rows = all.map((session) => sessionRow(session, visitor, locals.words));
  return {
    sessions: rows.toSorted((a, b) => Number(b.current) - Number(a.current)),
    endAction: urls.endSession,
    endAllAction: urls.endAllSessions,
  };
}

function sessionRow(
  session: Session,
  { session: own, scope }: Visitor,
  { access, tongue }: Words,
): SessionRow {
  const { createdAt, seenAt, method: how } = session;
  const began = tongue.day(dateOf(createdAt, scope.tenant.timeZone));
  return {
    id: session.id,
    device: deviceOf(session.browser, access),
    phone: /Mobi|Android|iPhone/.test(session.browser),
    text: access.seen({ began, how, ago: tongue.ago(seenAt, nowMs(scope.clock)) }),
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
function deviceOf(userAgent: string, access: Words['access']): string {
  const browser = BROWSERS.find(([mark]) => mark.test(userAgent))?.[1];
  const system = SYSTEMS.find(([mark]) => mark.test(userAgent))?.[1];
  if (!browser) return system ? access.someBrowserOn({ system }) : access.unknownBrowser;
  return system ? access.browserOn({ browser, system }) : browser;
}
