// The benchmarks as one command: says what there is, and runs what is asked for, each in a process of its own.
import { join } from "node:path";
import { EXIT_USAGE, type Options, readOptions, UsageError } from "./options.ts";

/** What each tells, and about how long it takes. */
const BENCHMARKS: Readonly<Record<string, string>> = {
  room: "one room under six loads: deliveries a second, echo, cost (5 min)",
  steady: "how long words take at a steady 200 messages a second (2 min)",
  joining: "what it costs to fill a room of 1,250, 2,500 and 5,000 (some min)",
  "coming-back": "a restart, and 1,000 members who all come back at once (1 min)",
  "slow-peers": "members who do not read, and a disk that is slow (1 min)",
  memory: "memory for 10,000 idle members, and after a long burst (6 min)",
  start: "how long the programs take to start (1 min)",
  log: "how fast a history of a million events is (1 min)",
  page: "how smooth the page stays in a burst; needs Chromium (2 min)",
};
const USUAL = "room";
const ALL = "all";

const HELP = `Measures chatd on this machine. No figure stands alone: beside it stands that of a
bare server of the same runtime, which checks nothing and keeps nothing, or that
of the same room without the trouble.

Usage: bun run bench [NAME ...] [FLAGS]
       bun run bench --server HOST:PORT [FLAGS]

${[...Object.entries(BENCHMARKS), [ALL, "all of these, one after another"]].map(([name, what]) => `  ${name!.padEnd(13)}${what}`).join("\n")}

Without a name, ${USUAL} is measured.

  --chatd PATH        the chatd to measure (dist/chatd; "bun run build" makes it)
  --server HOST:PORT  room: a chatd that runs already, over TCP; the host has to open
                      it with --rate off --per-address off
  --scenes A,B        room: quiet, talk, busy, burst, crowd, long (all)
  --seconds N         how long one measurement takes
  --rounds N          room, steady: rounds, of which medians are shown (3; 1)
  --minutes N         memory: how long the burst lasts (2)
  --members N[,N]     steady: listeners (100); joining: sizes (1250,2500,5000);
                      coming-back: who comes back (1000); memory: who is idle (10000);
                      slow-peers: who does not read (200)
  --events N          coming-back: what they miss (10000); slow-peers: what is said
                      (10000); log: its length (1000000)
  --marks             room, steady: messages bear marks, as those of chat do
  -h, --help          show this help

Examples:
  bun run bench                                     the room, in six scenes
  bun run bench --scenes busy --rounds 1            one scene, once, to see the table
  bun run bench steady coming-back                  two others
  bun run bench --server 192.168.1.5:3001 --scenes talk,busy

To measure a room elsewhere, its host opens one for the purpose:
  chatd --rate off --per-address off --data ./measured
Without these limits one guest can take the room's whole time and all its
connections: only on a network that you trust, and only while you measure.

The history lies in the folder for temporary files; where that is in memory, nothing
is synced to a disk: TMPDIR=/some/folder names another.

Exit codes: 0 measured, 1 something was missing or broke, 2 wrong flags or a room
that cannot be measured as it is, 4 nothing answers at HOST:PORT.`;

try {
  await run(readOptions(Bun.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = EXIT_USAGE;
}

async function run({ help, names, server }: Options): Promise<void> {
  if (help) return console.log(HELP);
  const wanted = wantedOf(names);
  if (server && wanted.some((name) => name !== USUAL))
    throw new UsageError(`--server measures the room and nothing else: leave out ${wanted.join(" ")}.`);
  for (const name of wanted) {
    if (wanted.length > 1) console.log(`\n# ${name}: ${BENCHMARKS[name]}`);
    const code = await runOne(name);
    if (code === 0) continue;
    process.exitCode = code;
    return;
  }
}

function wantedOf(names: readonly string[]): readonly string[] {
  if (names.length === 0) return [USUAL];
  const unknown = names.find((name) => name !== ALL && !(name in BENCHMARKS));
  if (unknown !== undefined)
    throw new UsageError(
      `There is no benchmark "${unknown}". There are ${Object.keys(BENCHMARKS).join(", ")}, and all.`,
    );
  return names.includes(ALL) ? Object.keys(BENCHMARKS) : names;
}

/** Its exit code. It reads the same flags, and takes what is meant for it. */
async function runOne(name: string): Promise<number> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, `${name}.ts`), ...Bun.argv.slice(2)], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, pass);
  try {
    return await child.exited;
  } finally {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, pass);
  }
}
