// A text as a QR code of half blocks, two modules a row, for the camera of a phone. Writes nothing itself.
import { encode } from "uqr";

/** Light modules around the code, without which cameras do not find it: so many columns, and above as many modules, which is a row. */
const QUIET = 2;
/** True black on true white, whatever the terminal's own colours are. */
const BLACK_ON_WHITE = "\x1b[38;5;16;48;5;231m";
const RESET = "\x1b[0m";

export interface QrOptions {
  /** Without it, light modules are drawn and dark ones left out: right on a dark terminal, and most cameras read the opposite too. */
  readonly colour: boolean;
}

export function qrLines(text: string, { colour }: QrOptions): string[] {
  const { data, size } = encode(text, { ecc: "L", border: 0 });
  const isDark = (row: number, column: number) => data[row - QUIET]?.[column - QUIET] === true;
  const width = size + 2 * QUIET;
  const lines: string[] = [];
  for (let row = 0; row < width; row += 2) {
    const signs = Array.from({ length: width }, (_, column) => {
      const upper = isDark(row, column) === colour;
      const lower = isDark(row + 1, column) === colour;
      if (upper) return lower ? "█" : "▀";
      return lower ? "▄" : " ";
    }).join("");
    lines.push(colour ? `${BLACK_ON_WHITE}${signs}${RESET}` : signs);
  }
  return lines;
}
