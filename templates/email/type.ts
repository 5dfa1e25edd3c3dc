import { Html } from './html.ts';

/* How words are set in a mail, as inline declarations: the reader's own fonts, because mail programs load no others. */

export const FONT = new Html(
  `-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif`,
);
const family = `font-family:${FONT.markup}`;
export const TEXT = new Html(`${family};font-size:15px;line-height:23px;color:#3d4452`);
export const SMALL = new Html(`${family};font-size:13px;line-height:20px;color:#636b79`);
export const FINE = new Html(`${family};font-size:12.5px;line-height:19px;color:#636b79`);
export const STRONG = new Html(`${family};font-size:15px;line-height:23px;color:#14171f;font-weight:600`);
