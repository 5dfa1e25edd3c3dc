/** A refusal or failure of the front itself, in words for the person who meets it. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  /** What happened. */
  readonly message: string;
  /** What to do now. */
  readonly hint: string;
  /** What the person quotes when asking for help; also in the log. */
  readonly requestId: string;
}

type Words = readonly [title: string, message: string, hint: string];

const PROBLEMS: Readonly<Record<number, Words>> = {
  400: [
    'This address is not valid',
    'The request was not in a form we accept.',
    'Check the address, or open the link from your e-mail again.',
  ],
  403: [
    'This form came from another site',
    'To protect your account, forms are only accepted from this portal itself.',
    'Go back, reload the page and try again. If it keeps happening, open the portal in a new tab.',
  ],
  404: [
    'Page not found',
    'There is nothing at this address, or it is not yours to see.',
    'Check the address, or go back to your account.',
  ],
  405: [
    'This cannot be done here',
    'This page does not take that kind of request.',
    'Go back to your account and try from there.',
  ],
  408: [
    'That took too long',
    'The request did not arrive completely in time.',
    'Check your connection and try again.',
  ],
  413: [
    'That is too large',
    'What was sent is larger than this page accepts.',
    'Shorten the text or choose a smaller file, then try again.',
  ],
  414: [
    'This address is too long',
    'The address has more letters than we accept.',
    'Open the link from your e-mail again, or start from your account.',
  ],
  415: [
    'Compressed requests are not accepted',
    'What was sent is packed in a way we do not read.',
    'Send it unpacked.',
  ],
  421: [
    'No portal here',
    'No business has its portal at this address.',
    'Check the address for typing mistakes, or use the link on your invoice.',
  ],
  429: [
    'Too many tries',
    'There were too many requests from your network in a short time.',
    'Wait a little and try again. Nothing is locked.',
  ],
  431: [
    'Too much was sent with the request',
    'Your browser sent more cookies or headers than we accept. Its cookies for this portal were cleared.',
    'Reload the page, then sign in again.',
  ],
  500: [
    'Something went wrong',
    'That is our mistake, not yours. It has been written down.',
    'Try again in a moment. If you were paying, look at your recent payments first. If it stays, send us the number below.',
  ],
  503: ['Back in a moment', 'The portal is being restarted.', 'Try again in a few seconds.'],
};

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** The problem for a status the front answers itself; unknown ones read as 500 does. */
export function problem(status: number, requestId: string): Problem {
  const [title, message, hint] = PROBLEMS[status] ?? PROBLEMS[500] ?? ['', '', ''];
  return { status, title, message, hint, requestId };
}

/** A page for a problem that needs nothing else: no style, no script, no name of anything inside. */
export function plainProblemPage(shown: Problem): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>${escapeHtml(shown.title)}</title></head>
<body><main><h1>${escapeHtml(shown.title)}</h1><p>${escapeHtml(shown.message)}</p><p>${escapeHtml(shown.hint)}</p>
<p><small>Reference: ${escapeHtml(shown.requestId)}</small></p></main></body></html>
`;
}

/** The same as JSON for programs (RFC 9457). */
export function problemJson(shown: Problem): string {
  const { status, title, message, hint, requestId } = shown;
  return `${JSON.stringify({ type: 'about:blank', status, title, detail: `${message} ${hint}`, requestId })}\n`;
}

/** Text as it may stand in HTML and in quoted attributes. */
export function escapeHtml(value: string): string {
  return value.replace(/[&<>"]/g, (letter) => ESCAPES[letter] ?? '');
}
