// The window in which a host reads how others join.

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  /** A text as a code for phones, row by row. */
  qr(text: string): readonly string[];
}

/** The window of `output` as it is when it is asked. Without a terminal there are no borders. */
export async function openScreen(output: NodeJS.WriteStream | undefined, colour: boolean): Promise<Screen> {
  const { qrLines } = await import("../tty/qr.ts");
  return {
    get columns() {
      return output ? output.columns || 80 : Infinity;
    },
    get rows() {
      return output ? output.rows || 24 : Infinity;
    },
    qr: (text) => qrLines(text, { colour }),
  };
}
