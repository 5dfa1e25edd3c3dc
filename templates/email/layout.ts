import { type AccentColours, accentColours } from './colours.ts';
import { html, Html, plain } from './html.ts';
import type { Row, Sender } from './letter.ts';

/*
 * The one shape of every mail: name, card, small print. Tables and inline styles, because that is what mail clients keep; the style
 * element only adds what the better ones understand (dark colours, phones), and nothing breaks where it is dropped. No pictures, no
 * fonts to load, nothing that tells the sender whether the mail was opened.
 */

export interface Page {
  readonly sender: Sender;
  readonly title: string;
  /** What the list of mails shows beside the subject. */
  readonly preheader: string;
  readonly body: readonly Html[];
  /** Why this mail came, in a sentence. */
  readonly reason: string;
}

const FONT = `-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif`;
const TEXT = new Html(`font-family:${FONT};font-size:15px;line-height:23px;color:#3d4452`);
const SMALL = new Html(`font-family:${FONT};font-size:13px;line-height:20px;color:#636b79`);
const FINE = new Html(`font-family:${FONT};font-size:12.5px;line-height:19px;color:#636b79`);
const STRONG = new Html(`font-family:${FONT};font-size:15px;line-height:23px;color:#14171f;font-weight:600`);

/** The whole HTML part. */
export function layout(page: Page): string {
  const { sender } = page;
  const colours = accentColours(sender.accent);
  const filler = new Html('&#847;&zwnj;&nbsp;'.repeat(40));
  return html`<!doctype html>
    <html lang="en" dir="ltr" xmlns="http://www.w3.org/1999/xhtml">
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
                style="max-width:540px;margin:0 auto"
              >
                <tr>
                  <td style="padding:0 4px 18px">${nameOf(sender, colours)}</td>
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

/** A small line over the heading, and the heading. */
export function heading(kicker: string, title: string): Html {
  return html`<p class="soft" style="margin:0 0 6px;${SMALL}">${kicker}</p>
    <h1
      class="ink"
      style="margin:0;font-family:${new Html(FONT)};font-size:21px;line-height:28px;font-weight:650;letter-spacing:-0.012em;color:#14171f"
    >
      ${title}
    </h1>`;
}

/** The one large figure. */
export function figure(value: string, note: string): Html {
  return html`<p
      class="ink figure"
      style="margin:22px 0 0;font-family:${new Html(FONT)};font-size:38px;line-height:44px;font-weight:700;letter-spacing:-0.025em;color:#14171f;font-variant-numeric:tabular-nums"
    >
      ${value}
    </p>
    <p class="soft" style="margin:4px 0 0;${SMALL};font-size:14px">${note}</p>`;
}

export function paragraph(text: string): Html {
  return html`<p class="text" style="margin:14px 0 0;${TEXT}">${text}</p>`;
}

export function smallParagraph(text: string): Html {
  return html`<p class="soft" style="margin:18px 0 0;${SMALL}">${text}</p>`;
}

/** The one button. It stays a button where styles are dropped: a coloured cell with a link in it. */
export function button(label: string, url: string, sender: Sender): Html {
  const { button: ground, onButton } = accentColours(sender.accent);
  return html`<table
    role="presentation"
    cellpadding="0"
    cellspacing="0"
    border="0"
    class="wide"
    style="margin:26px 0 0"
  >
    <tr>
      <td
        align="center"
        bgcolor="${ground}"
        class="button"
        style="background-color:${ground};border-radius:9px;mso-padding-alt:13px 26px"
      >
        <a
          href="${safeUrl(url)}"
          class="button-words"
          style="display:inline-block;padding:13px 26px;font-family:${new Html(FONT)};font-size:15px;line-height:20px;font-weight:600;color:${onButton};text-decoration:none;border-radius:9px"
          >${label}</a
        >
      </td>
    </tr>
  </table>`;
}

/** Labels on the left, figures on the right, the last row strong where a total follows. */
export function figures(rows: readonly Row[], total?: Row): Html {
  return html`<table
    width="100%"
    cellpadding="0"
    cellspacing="0"
    border="0"
    style="margin:26px 0 0;border-collapse:collapse"
  >
    ${rows.map((row) => figureRow(row, TEXT, 'text', '#e9ebef', 1))}
    ${total ? figureRow(total, STRONG, 'ink', '#c9cdd5', 1) : false}
  </table>`;
}

/** Facts in small print, a label and its value a line. */
export function facts(rows: readonly Row[]): Html {
  return html`<table
    cellpadding="0"
    cellspacing="0"
    border="0"
    style="margin:22px 0 0;border-collapse:collapse"
  >
    ${rows.map(
      ({ label, value }) =>
        html`<tr>
          <th
            scope="row"
            align="left"
            valign="top"
            class="soft"
            style="padding:2px 20px 2px 0;font-weight:400;text-align:left;white-space:nowrap;${SMALL}"
          >
            ${label}
          </th>
          <td
            valign="top"
            class="text break"
            style="padding:2px 0;${SMALL};color:#3d4452;word-break:break-word"
          >
            ${value}
          </td>
        </tr>`,
    )}
  </table>`;
}

/** A code to type, set so that its letters are told apart. */
export function codeBox(code: string): Html {
  return html`<table
    role="presentation"
    width="100%"
    cellpadding="0"
    cellspacing="0"
    border="0"
    style="margin:12px 0 0"
  >
    <tr>
      <td align="center" class="sunken" style="background-color:#f3f4f6;border-radius:10px;padding:16px 8px">
        <span
          class="ink"
          style="font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace;font-size:28px;line-height:34px;font-weight:600;letter-spacing:0.24em;padding-left:0.24em;color:#14171f;white-space:nowrap"
          >${code}</span
        >
      </td>
    </tr>
  </table>`;
}

export function rule(): Html {
  return html`<div
    class="line"
    style="margin:28px 0 0;border-top:1px solid #e9ebef;font-size:0;line-height:0"
  >
    &nbsp;
  </div>`;
}

/** The text part: one array entry a line, whatever a name brings, and at its end whom to ask, who sends this and why. */
export function textPart(sender: Sender, reason: string, lines: readonly string[]): string {
  const foot = ['', '--', questions(sender), '', reason, addressLine(sender), ''];
  return [...lines, ...foot].map((line) => plain(line, 2000)).join('\n');
}

function figureRow(row: Row, style: Html, colour: string, line: string, thickness: number): Html {
  const edge = new Html(`border-top:${thickness}px solid ${line}`);
  const note = row.note
    ? html`<br /><span class="soft" style="${SMALL};font-weight:400">${row.note}</span>`
    : undefined;
  return html`<tr>
    <th
      scope="row"
      align="left"
      valign="top"
      class="${colour} line break"
      style="${edge};padding:12px 16px 12px 0;text-align:left;font-weight:400;${style};word-break:break-word"
    >
      ${row.label}${note}
    </th>
    <td
      align="right"
      valign="top"
      class="${colour} line"
      style="${edge};padding:12px 0;text-align:right;white-space:nowrap;${style};font-variant-numeric:tabular-nums"
    >
      ${row.value}
    </td>
  </tr>`;
}

function nameOf(sender: Sender, colours: AccentColours): Html {
  return html`<table role="presentation" cellpadding="0" cellspacing="0" border="0">
    <tr>
      <td valign="middle" style="padding-right:10px">
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
        ${sender.name}
      </td>
    </tr>
  </table>`;
}

function smallPrint({ sender, reason }: Page): Html {
  return html`<p class="faint" style="margin:0 0 8px;${FINE}">${questions(sender)}</p>
    <p class="faint break" style="margin:0 0 8px;${FINE};word-break:break-word">${reason}</p>
    <p class="faint break" style="margin:0;${FINE};word-break:break-word">${addressLine(sender)}</p>`;
}

function addressLine(sender: Sender): string {
  return [sender.name, ...sender.addressLines].map((line) => plain(line)).join(', ');
}

function questions({ name, email, phone }: Sender): string {
  const call = phone && `call ${phone.trim().replaceAll(' ', '\u00A0')}`;
  if (email) return `Questions? Answer this mail, or write to ${email}${call ? `, or ${call}` : ''}.`;
  return call ? `Questions? Please ${call}.` : `Questions? Please ask ${name}.`;
}

/** Links lead to web pages only; anything else is a mistake of ours. */
function safeUrl(url: string): string {
  const { protocol, href } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') throw new TypeError('a mail links to web pages only');
  return href;
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
