import { plain } from './html.ts';
import { layout, textPart } from './layout.ts';
import type { Letter, Sender } from './letter.ts';
import { button, codeBox, heading, paragraph, rule, smallParagraph } from './parts.ts';

/** A link that signs in once, and a code to type instead. */
export interface SignInLetter {
  readonly sender: Sender;
  readonly url: string;
  readonly code: string;
  /** When it stops working, as a time of day with its time zone. */
  readonly until: string;
  /** When it was asked for, alike. */
  readonly askedAt: string;
  /** The network address it was asked from. */
  readonly askedFrom: string;
  /** Host of the portal, so that people can tell a real link from another. */
  readonly host: string;
}

export function signInLetter(model: SignInLetter): Letter {
  const { sender } = model;
  const subject = plain(`Sign in to ${sender.name}`, 180);
  const works = `It works once, until ${model.until}.`;
  return {
    subject,
    html: layout({
      sender,
      title: subject,
      preheader: works,
      body: [
        heading(model.host, `Sign in to ${sender.name}`),
        paragraph(`Open your billing portal with this button. ${works}`),
        button('Sign in', model.url, sender),
        rule(),
        paragraph('Reading this on another device? Type this code where you asked for it:'),
        codeBox(model.code),
        smallParagraph(warning(model)),
      ],
      reason: reason(model),
    }),
    text: textPart(sender, reason(model), textLines(model, works)),
  };
}

function textLines(model: SignInLetter, works: string): string[] {
  return [
    `Sign in to ${model.sender.name}`,
    '',
    `Open your billing portal with this link. ${works}`,
    '',
    model.url,
    '',
    'Reading this on another device? Type this code where you asked for it:',
    '',
    model.code,
    '',
    warning(model),
  ];
}

function warning({ askedAt, askedFrom }: SignInLetter): string {
  return (
    `Asked for at ${askedAt} from ${askedFrom}. If that was not you, do nothing: ` +
    `nobody gets in without this mail. Never pass the code on; we do not ask for it.`
  );
}

function reason({ sender, host }: SignInLetter): string {
  return `You get this mail because somebody asked to sign in at ${host} with your address, which ${sender.name} has on file.`;
}
