// What a terminal obeys: a sequence of each kind, by what it does. Knows nothing of who sends it.

const ESC = "\x1b";
const BEL = "\x07";
const ST = `${ESC}\\`;

const WHOLE: Readonly<Record<string, string>> = {
  // CSI
  "a colour": `${ESC}[1;31m`,
  "a cleared screen": `${ESC}[2J${ESC}[3J`,
  "the cursor moved": `${ESC}[5;5H${ESC}[3A`,
  "lines deleted": `${ESC}[9M${ESC}[9L`,
  "a scroll region": `${ESC}[3;5r`,
  "the other screen": `${ESC}[?1049h`,
  "a hidden cursor": `${ESC}[?25l`,
  "the cursor's shape": `${ESC}[5 q`,
  "the mouse told": `${ESC}[?1000h${ESC}[?1003h${ESC}[?1006h`,
  "no wrapping": `${ESC}[?7l`,
  "insertion for overwriting": `${ESC}[4h`,
  "application keys": `${ESC}[?1h${ESC}=`,
  "an origin elsewhere": `${ESC}[3;5r${ESC}[?6h`,
  "the end of a paste": `${ESC}[201~`,
  "a paste that is none": `${ESC}[200~rm -rf /\n${ESC}[201~`,
  "pastes unmarked": `${ESC}[?2004l`,
  "a question for the cursor": `${ESC}[6n`,
  "a question for the terminal": `${ESC}[c${ESC}[>c${ESC}[0n`,
  "a soft reset (DECSTR)": `${ESC}[!p`,
  "a stack of titles": `${ESC}[22;0t${ESC}[23;0t`,
  "a question for the title": `${ESC}[21t`,
  "a window resized": `${ESC}[8;3;3t`,
  "a title in a window's icon": `${ESC}[2t`,
  // OSC
  "a title (OSC 0)": `${ESC}]0;owned${BEL}`,
  "a title (OSC 2)": `${ESC}]2;owned${ST}`,
  "a palette (OSC 4)": `${ESC}]4;1;rgb:00/00/00${BEL}`,
  "a folder (OSC 7)": `${ESC}]7;file:///etc${ST}`,
  "a link (OSC 8)": `${ESC}]8;;https://evil.example${ST}click${ESC}]8;;${ST}`,
  "a notification (OSC 9)": `${ESC}]9;owned${BEL}`,
  "a foreground (OSC 10)": `${ESC}]10;#000000${BEL}${ESC}]11;#000000${BEL}${ESC}]12;#000000${BEL}`,
  "a clipboard (OSC 52)": `${ESC}]52;c;cm0gLXJmIC8=${BEL}`,
  "a clipboard read (OSC 52)": `${ESC}]52;c;?${BEL}`,
  "a palette undone (OSC 104)": `${ESC}]104${BEL}${ESC}]110${BEL}`,
  "a prompt marked (OSC 133)": `${ESC}]133;A${BEL}`,
  "a command run (OSC 777)": `${ESC}]777;notify;owned;owned${BEL}`,
  "a file (OSC 1337)": `${ESC}]1337;File=inline=1:AAAA${BEL}`,
  // Strings of other kinds
  "a setting asked for (DCS)": `${ESC}P$q"p${ST}`,
  "a picture (DCS)": `${ESC}Pq#0;2;0;0;0#0~~@@${ST}`,
  "keys defined (DCS)": `${ESC}P0;1|17/72 6d${ST}`,
  "a picture (APC)": `${ESC}_Gf=32;AAAA${ST}`,
  "a private message (PM)": `${ESC}^secret${ST}`,
  "a string (SOS)": `${ESC}Xsecret${ST}`,
  // Short ones
  "a full reset (RIS)": `${ESC}c`,
  "another character set": `${ESC}(0${ESC})0\x0e`,
  "the cursor kept and put back": `${ESC}7${ESC}[H${ESC}8`,
  "a line up": `${ESC}M${ESC}D${ESC}E`,
  "a screen of E": `${ESC}#8`,
  "seven bits (S7C1T)": `${ESC} F`,
  "a bell": BEL,
  "back over what stands there": `\b\b\b\b\b\b\b\b\rHost > `,
  "a feed and a tab": "\f\v\t",
  "shift out": "\x0e\x0f",
  // Nested, and not at an end
  "one in another": `${ESC}[${ESC}]0;owned${BEL}31m`,
  "a title in a title": `${ESC}]0;${ESC}]0;owned${BEL}owned${BEL}`,
  "a title in a string": `${ESC}P${ESC}]0;owned${BEL}${ST}`,
  "an escape twice": `${ESC}${ESC}[31m${ESC}${ESC}]0;owned${BEL}`,
  "one that was called off": `${ESC}]0;ow\x18ned${BEL}${ESC}[3\x1a1m`,
  "a title without an end": `${ESC}]0;owned`,
  "a string without an end": `${ESC}Powned`,
  "a colour without an end": `${ESC}[31`,
  "an escape without an end": ESC,
};

/** The two bytes of the seven-bit form → one of the eight-bit form. */
function inEightBits(sequence: string): string {
  // oxlint-disable-next-line no-control-regex -- it is what is replaced
  return sequence.replace(/\x1b([@-_])/g, (_, second: string) => String.fromCharCode(second.charCodeAt(0) + 0x40));
}

/** Each by what it does; those that have a form of eight bits in that one too, as the code point that UTF-8 makes of it. */
export const SEQUENCES: ReadonlyMap<string, string> = new Map(
  Object.entries(WHOLE).flatMap(([name, sequence]) => {
    const short = inEightBits(sequence);
    return short === sequence
      ? [[name, sequence] as const]
      : ([
          [name, sequence],
          [`${name}, in eight bits`, short],
        ] as const);
  }),
);

/** Each code point of one byte, between two letters. */
export const BYTES: readonly string[] = Array.from({ length: 256 }, (_, code) => `x${String.fromCharCode(code)}y`);

/** All that is tried in every field. */
export const ALL: readonly string[] = [...BYTES, ...[...SEQUENCES.values()].map((sequence) => `Eve${sequence}liar`)];
