/**
 * Text without what a terminal would obey. Names of files, labels and operators come from files that somebody
 * else made, and could carry characters that move the cursor, change what was printed before, or turn around
 * the direction of reading.
 */

/** Control characters (C0, DEL, C1) and those that override the direction of text. */
const unprintable = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** Text in one line, without anything that a terminal would obey: such characters as \xNN or \u{NNNN}. */
export const printable = (text: string): string => text.replace(unprintable, escaped);

/**
 * A value as JSON that holds nothing a terminal would obey: in its texts \uNNNN stands for such characters.
 */
export const json = (value: unknown, indent = 0): string =>
  JSON.stringify(value, null, indent).replace(unprintable, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** A word of a line for a shell, in quotes where it holds what a shell would take for something else. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
