/** How a file's bytes become text: every label that the platform knows, and the code pages of DOS and the Windows console, which it does not. */
export interface ByteReader {
  decode(bytes?: Uint8Array, options?: { readonly stream?: boolean }): string;
}

/** What the bytes 128 to 255 mean. */
const CODE_PAGES: Readonly<Record<string, string>> = {
  cp437: 'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0',
  cp850: 'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0',
  cp852: 'ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u00ad˝˛ˇ˘§÷¸°¨˙űŘř■\u00a0',
}; // prettier-ignore

/** Names that people use besides those of the platform (WHATWG), without signs and in small letters. */
const NAMES: Readonly<Record<string, string>> = {
  dos: 'cp437', ibm437: 'cp437', 437: 'cp437', ibm850: 'cp850', 850: 'cp850', cp858: 'cp858', ibm858: 'cp858', 858: 'cp858', ibm852: 'cp852',
  852: 'cp852', cp866: 'ibm866', 866: 'ibm866', macroman: 'macintosh', mac: 'macintosh', maccyrillic: 'x-mac-cyrillic', ansi: 'windows-1252',
  utf8: 'utf-8', utf8sig: 'utf-8', utf16: 'utf-16le', unicode: 'utf-16le', sjis: 'shift_jis', cp932: 'shift_jis', cp936: 'gbk', cp949: 'euc-kr',
  cp950: 'big5', cp874: 'windows-874',
}; // prettier-ignore

/** The name under which `readerOf` knows an encoding (`CP1251`, `Latin-2`, `macroman`, `cp850`); undefined for what is none. */
export function encodingNamed(label: string): string | undefined {
  const bare = label.trim().toLowerCase();
  const plain = bare.replaceAll(/[^a-z0-9]/g, '');
  const iso = /^(?:isolatin|latin|l)(\d+)$/.exec(plain)?.[1];
  const tries = [
    NAMES[plain],
    bare,
    plain,
    iso && `latin${iso}`,
    plain.replace(/^(?:cp|win|windows)(\d)/, 'windows-$1'),
  ];
  return tries.find((name): name is string => name !== undefined && isKnown(name));
}

/** Reads bytes in the named encoding, piece by piece; a byte that means nothing becomes U+FFFD. */
export function readerOf(encoding: string): ByteReader {
  const page = pageOf(encoding);
  return page === undefined ? new TextDecoder(encoding) : { decode: (bytes) => decodePage(page, bytes) };
}

function isKnown(name: string): boolean {
  if (pageOf(name) !== undefined) return true;
  try {
    return new TextDecoder(name).encoding !== 'replacement';
  } catch {
    return false;
  }
}

/** Code page 858 is 850 with the euro sign. */
function pageOf(name: string): string | undefined {
  if (name === 'cp858') return CODE_PAGES['cp850']!.replace('ı', '€');
  return Object.hasOwn(CODE_PAGES, name) ? CODE_PAGES[name] : undefined;
}

function decodePage(page: string, bytes: Uint8Array = new Uint8Array()): string {
  return Array.from(bytes, (byte) => (byte < 128 ? String.fromCharCode(byte) : page[byte - 128])).join('');
}

/**
 * The first word of a line of Windows-1252 that no language written in it has: bytes that mean nothing, signs within a word, a capital with an
 * accent behind a small letter, or hardly a plain letter. Such a file was saved in another encoding.
 */
export function doubtfulWord(line: string): string | undefined {
  return line
    .split(/[\s,;|"&/()]+/)
    .find((word) => /\P{ASCII}/u.test(word) && DOUBTS.some((doubt) => doubt.test(word)));
}

const DOUBTS = [
  /[\u0080-\u009f]/u,
  /\p{L}[¡-¶¸¹»-¿×÷ˆ˜‚„…†‡‰‹›•™“”€]\p{L}/u,
  /[¢-¦¬¯±´¶¸¼-¾×÷ˆ˜†‡‰¹²³]\p{L}|\p{L}[¢-¦¬¯±´¶¸¼-¾×÷ˆ˜†‡‰¤]/u,
  /\p{Ll}(?![A-Z])\p{Lu}|\p{L}[ŠŽŸŒ]\p{Ll}/u,
  /(?!(.)\1)\P{ASCII}{4}/u,
];
