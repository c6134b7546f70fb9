// Draws docs/terminal.svg: three compiled programs in real terminals, photographed in the middle of a conversation.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTerminal, type TestTerminal } from "../support/terminal.ts";

const ROOT = join(import.meta.dir, "..", "..");
const COLS = 80;
const ROWS = 19;
const CELL = { width: 7.8, height: 17 };
const GAP = 18;
const BAR = 26;

const home = mkdtempSync(join(tmpdir(), "picture-"));
const env = {
  ...process.env,
  HOME: home,
  XDG_STATE_HOME: join(home, "state"),
  XDG_CONFIG_HOME: join(home, "config"),
  NO_COLOR: "1",
};
const size = { cols: COLS, rows: ROWS, env, cwd: home };

try {
  await using host = await openTerminal([join(ROOT, "dist", "chatd"), "--data", "class"], size);
  await host.until("Host >");
  await using spider = await openTerminal([join(ROOT, "dist", "chat"), "localhost", "-n", "Spider-Man"], size);
  await spider.until("Spider-Man >");
  await using iron = await openTerminal([join(ROOT, "dist", "chat"), "localhost", "-n", "Ironman"], size);
  await spider.until("Ironman entered");
  spider.type("Hey, is the printer on fire again?\r");
  await iron.until("on fire");
  iron.type("Only the blue one. I have it.\r");
  await spider.until("I have it");
  host.type("Thanks, both of you. Pizza at noon.\r");
  await spider.until("Pizza");
  iron.type("/msg Spider-Man it was me\r");
  await spider.until("it was me");
  host.type("KICK Ironman fires printers\r");
  await spider.until("was kicked");
  await iron.exited;
  spider.type("Does anyone want his piz");
  await spider.until("his piz");
  await host.until("USERS: [Host,Spider-Man]");
  await Bun.write(
    join(ROOT, "docs", "terminal.svg"),
    draw([
      ["chatd --data class", host],
      ["chat localhost -n Spider-Man", spider],
    ]),
  );
  spider.type("\x15/quit\r");
  await spider.exited;
  host.type("EXIT\r");
  await host.exited;
} finally {
  rmSync(home, { recursive: true });
}

function draw(windows: readonly (readonly [title: string, terminal: TestTerminal])[]): string {
  const width = COLS * CELL.width + 2 * 12;
  const height = BAR + ROWS * CELL.height + 16;
  const body = windows.map(([title, terminal], index) => {
    const lines = terminal
      .screen()
      .split("\n")
      .map(
        (line, row) => `<text xml:space="preserve" x="12" y="${BAR + 18 + row * CELL.height}">${styled(line)}</text>`,
      );
    return `<g transform="translate(${index * (width + GAP)} 0)"><rect width="${width}" height="${height}" rx="9" class="window"/><text x="12" y="18" class="title">${escape(title)}</text>${lines.join("")}</g>`;
  });
  const whole = windows.length * (width + GAP) - GAP;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${whole} ${height}" role="img" aria-label="A host's console and a member's terminal in the middle of a conversation">
<style>text{font:13px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d8dee9;white-space:pre}.window{fill:#20242c}.title,.dim{fill:#8791a3}.name{fill:#88c0d0;font-weight:600}</style>
${body.join("\n")}
</svg>
`;
}

/** The colours that the programs give their lines on a terminal that has some. */
function styled(line: string): string {
  if (/^(\[[*]\]|USERS:)/.test(line)) return `<tspan class="dim">${escape(line)}</tspan>`;
  const [, time, name, rest] = /^(\[\d\d:\d\d:\d\d\] )(.+?)( > ?.*)$/.exec(line) ?? [];
  if (time === undefined || name === undefined || rest === undefined) return escape(line);
  return `<tspan class="dim">${time}</tspan><tspan class="name">${escape(name)}</tspan>${escape(rest)}`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
