import { plain } from './html.ts';
import { layout, textPart } from './layout.ts';
import type { Letter, Letterhead } from './letter.ts';
import { button, codeBox, heading, paragraph, rule, smallParagraph } from './parts.ts';

/** A link that signs in once, and a code to type instead. */
export interface SignInLetter extends Letterhead {
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
  const { sender, words, until, host } = model;
  const title = words.letters.signInTo({ merchant: sender.name });
  const subject = plain(title, 180);
  const warning = words.letters.signInWarning({ at: model.askedAt, from: model.askedFrom });
  const reason = words.letters.signInReason({ host, merchant: sender.name });
  return {
    subject,
    html: layout({
      sender,
      words,
      title: subject,
      preheader: words.letters.signInPreheader({ until }),
      body: [
        heading(words.tongue.name(host), title),
        paragraph(words.letters.signInButtonIntro({ until })),
        button(words.letters.signIn, model.url, sender),
        rule(),
        paragraph(words.letters.signInCodeIntro),
        codeBox(model.code),
        smallParagraph(warning),
      ],
      reason,
    }),
    text: textPart(model, reason, [
      title,
      '',
      words.letters.signInLinkIntro({ until }),
      '',
      model.url,
      '',
      words.letters.signInCodeIntro,
      '',
      model.code,
      '',
      warning,
    ]),
  };
}
