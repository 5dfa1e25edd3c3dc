import { type AccentColours, accentColours } from './colours.ts';
import { html, Html, plain } from './html.ts';
import type { Letterhead } from './letter.ts';
import { sidesOf } from './sides.ts';
import { FINE, STRONG } from './type.ts';

/*
 * The one shape of every mail: name, card, small print. Tables and inline styles, because that is what mail clients keep; the style
 * element only adds what the better ones understand (dark colours, phones), and nothing breaks where it is dropped. No pictures, no
 * fonts to load, nothing that tells the sender whether the mail was opened.
 */

export interface Page extends Letterhead {
  readonly title: string;
  /** What the list of mails shows beside the subject. */
  readonly preheader: string;
  readonly body: readonly Html[];
  /** Why this mail came, in a sentence. */
  readonly reason: string;
}

/** The whole HTML part. */
export function layout(page: Page): string {
  const { sender, words } = page;
  const { language, direction } = words.tongue;
  const { start } = sidesOf(direction);
  const colours = accentColours(sender.accent);
  const filler = new Html('&#847;&zwnj;&nbsp;'.repeat(40));
  return html`<!doctype html>
    <html lang="${language}" dir="${direction}" xmlns="http://www.w3.org/1999/xhtml">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no" />
        <meta name="x-apple-disable-message-reformatting" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <title>${page.title}</title>
        <style>
          ${styleSheet(colours)}
        </style>
      </head>
      <body
        class="ground"
        dir="${direction}"
        style="margin:0;padding:0;background-color:#f3f4f6;-webkit-text-size-adjust:100%;text-size-adjust:100%"
      >
        <div
          style="display:none;max-height:0;overflow:hidden;mso-hide:all;font-size:1px;line-height:1px;color:#f3f4f6;opacity:0"
        >
          ${page.preheader}${filler}
        </div>
        <table
          role="presentation"
          width="100%"
          cellpadding="0"
          cellspacing="0"
          border="0"
          class="ground"
          style="background-color:#f3f4f6"
        >
          <tr>
            <td align="center" class="outer" style="padding:36px 20px 44px">
              <!--[if mso]><table role="presentation" width="540" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->
              <table
                role="presentation"
                width="100%"
                cellpadding="0"
                cellspacing="0"
                border="0"
                dir="${direction}"
                style="max-width:540px;margin:0 auto;text-align:${start}"
              >
                <tr>
                  <td style="padding:0 4px 18px">${nameOf(page, colours)}</td>
                </tr>
                <tr>
                  <td
                    class="card"
                    style="background-color:#ffffff;border:1px solid #e2e4e9;border-radius:14px;padding:36px 36px 34px"
                  >
                    ${page.body}
                  </td>
                </tr>
                <tr>
                  <td style="padding:22px 4px 0">${smallPrint(page)}</td>
                </tr>
              </table>
              <!--[if mso]></td></tr></table><![endif]-->
            </td>
          </tr>
        </table>
      </body>
    </html> `.markup;
}

/** The text part: one array entry a line, whatever a name brings, and at its end whom to ask, who sends this and why. */
export function textPart(head: Letterhead, reason: string, lines: readonly string[]): string {
  const foot = ['', '--', questions(head), '', reason, addressLine(head), ''];
  return [...lines, ...foot].map((line) => plain(line, 2000)).join('\n');
}

function nameOf({ sender, words }: Letterhead, colours: AccentColours): Html {
  const { end } = sidesOf(words.tongue.direction);
  return html`<table role="presentation" cellpadding="0" cellspacing="0" border="0">
    <tr>
      <td valign="middle" style="padding-${end}:10px">
        <div
          class="button"
          style="width:10px;height:22px;border-radius:4px;background-color:${colours.button};font-size:0;line-height:0"
        >
          &nbsp;
        </div>
      </td>
      <td
        valign="middle"
        class="ink break"
        style="${STRONG};font-size:16px;letter-spacing:-0.005em;word-break:break-word"
      >
        ${words.tongue.name(sender.name)}
      </td>
    </tr>
  </table>`;
}

function smallPrint(page: Page): Html {
  return html`<p class="faint" style="margin:0 0 8px;${FINE}">${questions(page)}</p>
    <p class="faint break" style="margin:0 0 8px;${FINE};word-break:break-word">${page.reason}</p>
    <p class="faint break" style="margin:0;${FINE};word-break:break-word">${addressLine(page)}</p>`;
}

function addressLine({ sender, words }: Letterhead): string {
  return words.letters.addressLine({
    lines: [sender.name, ...sender.addressLines].map((line) => plain(line)),
  });
}

function questions({ sender, words }: Letterhead): string {
  const { name, email } = sender;
  const phone = sender.phone?.trim().replaceAll(' ', '\u00A0');
  if (email && phone) return words.letters.questionsByEmailOrPhone({ email, phone });
  if (email) return words.letters.questionsByEmail({ email });
  return phone ? words.letters.questionsByPhone({ phone }) : words.letters.questionsTo({ merchant: name });
}

function styleSheet({ darkButton, onDarkButton }: AccentColours): Html {
  return new Html(`
:root{color-scheme:light dark;supported-color-schemes:light dark}
a[x-apple-data-detectors]{color:inherit!important;text-decoration:none!important}
@media (max-width:480px){
.outer{padding:22px 12px 32px!important}
.card{padding:26px 20px 24px!important}
.figure{font-size:34px!important;line-height:40px!important}
.wide{width:100%!important}
.wide a{display:block!important}
}
@media (prefers-color-scheme:dark){
.ground{background-color:#121419!important}
.card{background-color:#1c1f26!important;border-color:#2c313b!important}
.sunken{background-color:#14161c!important}
.ink{color:#f2f4f8!important}
.text{color:#ced3dc!important}
.soft,.faint{color:#a0a8b6!important}
.line{border-color:#323843!important}
.button{background-color:${darkButton}!important}
.button-words{color:${onDarkButton}!important}
}
`);
}
