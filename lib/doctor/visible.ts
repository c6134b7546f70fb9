// Names that others chose, such as of folders and hosts: in a sentence, and as a word of a command. Whatever cannot be seen is written out. Pure.

/** All but letters, digits, marks, signs and the blank; letters that look like nothing; and marks in a pile. */
const UNSEEN = /[^\p{L}\p{N}\p{M}\p{P}\p{S} ]|[\p{Default_Ignorable_Code_Point}\u2800]|(?<=\p{M}{4})\p{M}/gu;
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** `text` in one line that does to a terminal what it seems to do. Ordinary names stay as they are. */
export function visible(text: string): string {
  return text.replace(UNSEEN, escaped);
}

/** `text` as one word of a shell: of PowerShell on Windows, of bash or zsh elsewhere. */
export function shellWord(text: string, platform: string = process.platform): string {
  // In front of a dash a path could be taken for a flag.
  const word = text.startsWith("-") ? `./${text}` : text;
  if (platform === "win32") return /^[\w:.\\/-]+$/.test(word) ? word : `'${visible(word).replaceAll("'", "''")}'`;
  if (PLAIN_WORD.test(word)) return word;
  const shown = word.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replace(UNSEEN, escaped);
  return word.search(UNSEEN) < 0 ? `'${word.replaceAll("'", "'\\''")}'` : `$'${shown}'`;
}

/** As bash and zsh read it in $'…'. */
function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, "0")}`;
  return code < 0x1_00_00 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
