// What a terminal has been made to do beside showing text: its title, its modes, its colours, what it was asked. Knows nothing of who wrote to it.
import { Terminal as Emulator } from "@xterm/headless";

/** Commands to the operating system that terminals know: titles, palettes, folders, links, notices, fonts, clipboards, marks, files. */
const OSC = [
  0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 17, 19, 22, 50, 52, 104, 105, 110, 111, 112, 117, 119, 133, 633, 777, 1337,
];
const SIZE = { cols: 80, rows: 24 };

/** Parts of the emulator that it has no public name for. */
interface Inside {
  readonly _core: {
    readonly buffer: { readonly scrollTop: number; readonly scrollBottom: number };
    readonly coreService: { readonly isCursorHidden: boolean; readonly decPrivateModes: object };
    readonly _charsetService: { readonly glevel: number; readonly charset: unknown };
  };
}

/** All of it can be compared. */
export interface TerminalState {
  readonly osc: readonly number[];
  readonly answers: readonly string[];
  readonly bells: number;
  readonly title: string;
  readonly screen: string;
  readonly modes: object;
  readonly scrolls: readonly number[];
  readonly isCursorHidden: boolean;
  readonly charset: unknown;
}

/** How a terminal is after all this was written to it. */
export async function stateAfter(written: string): Promise<TerminalState> {
  const emulator = new Emulator({ ...SIZE, scrollback: 0, allowProposedApi: true, logLevel: "off" });
  const osc = new Set<number>();
  const answers: string[] = [];
  let [bells, title] = [0, ""];
  for (const number of OSC)
    emulator.parser.registerOscHandler(number, () => {
      osc.add(number);
      return false;
    });
  emulator.onData((answer) => void answers.push(answer));
  emulator.onBell(() => void bells++);
  emulator.onTitleChange((changed) => void (title = changed));
  await new Promise<void>((resolve) => emulator.write(written, resolve));
  const { buffer, coreService, _charsetService: charsets } = (emulator as unknown as Inside)._core;
  const state: TerminalState = {
    osc: [...osc].toSorted((one, other) => one - other),
    answers,
    bells,
    title,
    screen: emulator.buffer.active.type,
    modes: { ...emulator.modes, ...coreService.decPrivateModes },
    scrolls: [buffer.scrollTop, buffer.scrollBottom],
    isCursorHidden: coreService.isCursorHidden,
    charset: [charsets.glevel, charsets.charset],
  };
  emulator.dispose();
  return state;
}
