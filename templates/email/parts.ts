import { accentColours } from './colours.ts';
import { html, Html } from './html.ts';
import type { Row, Sender } from './letter.ts';
import { sidesOf } from './sides.ts';
import type { Direction } from '#src/words/languages.ts';
import { FONT, SMALL, STRONG, TEXT } from './type.ts';

/* What the card of a mail is put together from. Each piece is markup of its own with its styles inline. */

/** A small line over the heading, and the heading. */
export function heading(kicker: string, title: string): Html {
  return html`<p class="soft" style="margin:0 0 6px;${SMALL}">${kicker}</p>
    <h1
      class="ink"
      style="margin:0;font-family:${FONT};font-size:21px;line-height:28px;font-weight:650;letter-spacing:-0.012em;color:#14171f"
    >
      ${title}
    </h1>`;
}

/** The one large figure. */
export function figure(value: string, note: string): Html {
  return html`<p
      class="ink figure"
      style="margin:22px 0 0;font-family:${FONT};font-size:38px;line-height:44px;font-weight:700;letter-spacing:-0.025em;color:#14171f;font-variant-numeric:tabular-nums"
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
          style="display:inline-block;padding:13px 26px;font-family:${FONT};font-size:15px;line-height:20px;font-weight:600;color:${onButton};text-decoration:none;border-radius:9px"
          >${label}</a
        >
      </td>
    </tr>
  </table>`;
}

/** Labels where lines start, figures where they end, the last row strong where a total follows. */
export function figures(direction: Direction, rows: readonly Row[], total?: Row): Html {
  return html`<table
    width="100%"
    cellpadding="0"
    cellspacing="0"
    border="0"
    style="margin:26px 0 0;border-collapse:collapse"
  >
    ${rows.map((row) => figureRow(direction, row, TEXT, 'text', '#e9ebef'))}
    ${total ? figureRow(direction, total, STRONG, 'ink', '#c9cdd5') : false}
  </table>`;
}

/** Facts in small print, a label and its value a line. */
export function facts(direction: Direction, rows: readonly Row[]): Html {
  const { start, end } = sidesOf(direction);
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
            align="${start}"
            valign="top"
            class="soft"
            style="padding:2px 0;padding-${end}:20px;font-weight:400;text-align:${start};white-space:nowrap;${SMALL}"
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
          dir="ltr"
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

function figureRow(direction: Direction, row: Row, style: Html, colour: string, line: string): Html {
  const { start, end } = sidesOf(direction);
  const edge = new Html(`border-top:1px solid ${line}`);
  const note = row.note
    ? html`<br /><span class="soft" style="${SMALL};font-weight:400">${row.note}</span>`
    : undefined;
  return html`<tr>
    <th
      scope="row"
      align="${start}"
      valign="top"
      class="${colour} line break"
      style="${edge};padding:12px 0;padding-${end}:16px;text-align:${start};font-weight:400;${style};word-break:break-word"
    >
      ${row.label}${note}
    </th>
    <td
      align="${end}"
      valign="top"
      class="${colour} line"
      style="${edge};padding:12px 0;text-align:${end};white-space:nowrap;${style};font-variant-numeric:tabular-nums"
    >
      ${row.value}
    </td>
  </tr>`;
}

/** Links lead to web pages only; anything else is a mistake of ours. */
function safeUrl(url: string): string {
  const { protocol, href } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') throw new TypeError('a mail links to web pages only');
  return href;
}
