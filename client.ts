// chat: joins a room. Flags → dial → a screen.
import { CHAT, type ChatSettings, chatSettings, EXIT } from "./lib/flags/chat.ts";
import { EXIT_USAGE, FlagError, helpText } from "./lib/flags/flags.ts";
import { configFolder, stateFolder } from "./lib/flags/places.ts";
import { versionLine } from "./lib/flags/version.ts";
import type { Signer } from "./lib/client/signer.ts";
import type { Standing } from "./lib/protocol/message.ts";
import { type Address, writeLink } from "./lib/protocol/address.ts";
import { DEFAULT_PORT, DEFAULT_ROOM } from "./lib/protocol/limits.ts";
import type { Answers } from "./lib/terminal/ask-again.ts";
import type { Visit } from "./lib/terminal/memory.ts";
import type { PipeClient, PipeClientOptions } from "./lib/terminal/pipe-client.ts";
import type { PlainClient, PlainClientOptions } from "./lib/terminal/plain-client.ts";
import type { Dial } from "./lib/transport/connection.ts";

await main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof FlagError ? `chat: ${error.message}` : error);
    process.exit(error instanceof FlagError ? EXIT_USAGE : EXIT.fault);
  },
);

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) return print(helpText(CHAT));
  if (args.includes("--version") || args.includes("-V")) return print(versionLine("chat"));
  const settings = chatSettings(args, process.env);
  const secrets = [settings.link, settings.address?.extras?.["invite"]].filter((secret) => secret !== undefined);
  if (secrets.length > 0) (await import("./lib/flags/machine.ts")).hideArguments(secrets);
  // Whoever reads our output may stop reading; that is no fault.
  process.stdout.on("error", () => {});
  if (settings.gui) return await inBrowser(settings, settings.gui.lingerMs);
  const onTerminal = process.stdin.isTTY && process.stdout.isTTY && process.env["TERM"] !== "dumb";
  return onTerminal && !settings.json && !settings.plain ? await atTerminal(settings) : await inPipe(settings);
}

/** The way to a server, and how far it can be trusted once it was taken. */
interface Way {
  readonly dial: Dial;
  standing(): Standing | undefined;
  /** How others join with an invitation: as this person did, with the key that the server has shown. */
  links(invite: string): readonly string[];
}

type Place = Pick<Address, "hostname" | "port" | "extras"> & Partial<Pick<Address, "room">>;

/** Finds the way to each server. The same one leads to the same trust. */
async function openWays(): Promise<(place: Place) => Way> {
  const { dialTcp } = await import("./lib/transport/dial-tcp.ts");
  const { ServerTrust } = await import("./lib/terminal/server-trust.ts");
  const folder = configFolder("chat", process.env);
  const trusts = new Map<string, InstanceType<typeof ServerTrust>>();
  return ({ hostname, port, room = DEFAULT_ROOM, extras }) => {
    const pin = extras?.["pin"];
    const key = `${hostname} ${port} ${pin}`;
    const trust = trusts.get(key) ?? new ServerTrust(folder, { hostname, port }, pin);
    trusts.set(key, trust);
    return {
      dial: (receiver) => dialTcp({ hostname, port }, receiver, trust),
      standing: () => trust.standing,
      links: (invite) => {
        const link = writeLink({ hostname, port, room, extras: { ...(trust.pin && { pin: trust.pin }), invite } });
        // In quotes, as a shell would read more into it.
        return [`  chat '${link}'`];
      },
    };
  };
}

/** The person's own key. What is wrong with it stands on standard error. */
async function signerOf({ guest }: ChatSettings, folder: string): Promise<Signer | undefined> {
  if (guest) return undefined;
  const { ownKey } = await import("./lib/terminal/key-file.ts");
  const { signer, complaint } = await ownKey(folder);
  if (complaint !== undefined) console.error(`chat: ${complaint}`);
  return signer;
}

/** Throws where another chat on this machine has the name. */
async function expectFree(folder: string, visit: Visit): Promise<void> {
  const { isHeld, TAKEN_HERE } = await import("./lib/terminal/memory.ts");
  if (!isHeld(folder, visit)) return;
  const { Refused } = await import("./lib/client/notice.ts");
  throw new Refused("name-taken", TAKEN_HERE);
}

/** Asks for what is missing, and again for what did not work, until the person is in or gives up. */
async function atTerminal(settings: ChatSettings): Promise<number> {
  const { LineClient } = await import("./lib/terminal/line-client.ts");
  const { forget, lastAnswers, remember, tokenOf } = await import("./lib/terminal/memory.ts");
  const wayTo = await openWays();
  const folder = stateFolder("chat", process.env);
  const last = lastAnswers(folder);
  let client: InstanceType<typeof LineClient> | undefined;
  let answers: Answers;
  const { address, name: given, link } = settings;
  const asking = address === undefined || given === undefined ? await import("./lib/terminal/ask.ts") : undefined;
  asking?.greet();
  try {
    const place = address ?? (await asking!.askPlace(last ?? { hostname: "localhost", port: DEFAULT_PORT }));
    const name = given ?? (await asking!.askName(last?.name ?? ""));
    answers = { place, name, invite: place.extras?.["invite"], link };
    const signer = await signerOf(settings, folder);
    for (;;) {
      const { place, name, invite, link } = answers;
      client ??= new LineClient({
        ...wayTo(place),
        room: place.room,
        signer,
        input: process.stdin,
        output: process.stdout,
        colour: !process.env["NO_COLOR"],
      });
      try {
        if (signer) await expectFree(folder, { ...place, name });
        Object.assign(client.membership, { token: tokenOf(folder, { ...place, name }), invite, link });
        await client.membership.join(name);
        break;
      } catch (error) {
        const { troubleOf } = await import("./lib/terminal/trouble.ts");
        const { askAgain, complain } = await import("./lib/terminal/ask-again.ts");
        const { sentence, again, code } = troubleOf(error, {
          place,
          linking: link !== undefined,
          guest: settings.guest,
        });
        complain(sentence);
        if (again === "nothing") return code;
        answers = await askAgain(again, answers, signer !== undefined);
        // Another place is another membership.
        if (answers.place !== place) client = undefined;
      }
    }
  } catch (error) {
    const { Cancelled } = await import("./lib/terminal/ask.ts");
    if (error instanceof Cancelled) return EXIT.left;
    throw error;
  }
  const { membership } = client;
  const visit = { ...answers.place, name: membership.name };
  if (membership.token !== undefined) remember(folder, visit, membership.token);
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) process.on(signal, () => client.leave());
  const how = await client.run();
  forget(folder, visit);
  return exitCode(how);
}

/** Without a prompt: nothing is asked. */
async function inPipe(settings: ChatSettings): Promise<number> {
  const { address, name, link, json } = settings;
  if (!address)
    throw new FlagError("Say where the room is: chat HOST. (Questions need a terminal that can show them.)");
  if (name === undefined)
    throw new FlagError("Say who you are: chat HOST -n NAME. (Questions need a terminal that can show them.)");
  const { linesOf } = await import("./lib/tty/lines.ts");
  const { forget, remember } = await import("./lib/terminal/memory.ts");
  const folder = stateFolder("chat", process.env);
  const signer = await signerOf(settings, folder);
  const options = {
    ...(await openWays())(address),
    room: address.room,
    signer,
    invite: address.extras?.["invite"],
    link,
    lines: linesOf(process.stdin),
    print: (line: string) => void process.stdout.write(`${line}\n`),
    remark: (line: string) => void process.stderr.write(`${line}\n`),
  };
  const client = process.stdin.isTTY && !json ? await plainClient(options) : await pipeClient(options, json);
  let joined = false;
  // Before the welcome, there is nobody to say goodbye to.
  const leave = () => (joined || client.membership.live ? client.leave() : process.exit(EXIT.unreachable));
  process.stdout.once("error", leave);
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) process.on(signal, leave);
  try {
    if (signer) await expectFree(folder, { ...address, name });
    await client.membership.join(name);
    joined = true;
  } catch (error) {
    const { troubleOf } = await import("./lib/terminal/trouble.ts");
    const { sentence, code } = troubleOf(error, { place: address, linking: link !== undefined, guest: settings.guest });
    process.stderr.write(`chat: ${sentence}\n`);
    return code;
  }
  const { membership } = client;
  const visit = { ...address, name: membership.name };
  if (membership.token !== undefined) remember(folder, visit, membership.token, false);
  const how = await client.run();
  forget(folder, visit);
  return exitCode(how);
}

/** On a page that this program serves to this machine's browser. Needs no terminal. */
async function inBrowser(settings: ChatSettings, lingerMs: number): Promise<number> {
  const { address: place, name, link } = settings;
  const { openGui } = await import("./lib/web/gui.ts");
  const { browserCommands, openBrowser } = await import("./lib/web/open-browser.ts");
  const { listenWebSocket } = await import("./lib/transport/listen-websocket.ts");
  const { forget, isHeld, lastAnswers, remember, TAKEN_HERE, tokenOf } = await import("./lib/terminal/memory.ts");
  const wayTo = await openWays();
  const folder = stateFolder("chat", process.env);
  const last = lastAnswers(folder);
  const signer = await signerOf(settings, folder);
  const gui = openGui({
    form: {
      server: place?.hostname ?? last?.hostname,
      port: place?.port ?? last?.port,
      pin: place?.extras?.["pin"],
      name: name ?? last?.name,
      invite: place?.extras?.["invite"],
      link,
      connect: place !== undefined && name !== undefined,
    },
    lingerMs,
    listen: (site, accept) =>
      listenWebSocket({ hostname: "127.0.0.1", port: 0 }, site, accept, (error) =>
        console.error(`chat: A connection failed: ${error.message}`),
      ),
    signer,
    dialTo: (to) => wayTo(to).dial,
    standingOf: (to) => wayTo(to).standing(),
    tokenOf: (visit) => tokenOf(folder, visit),
    taken: (visit) => (signer && isHeld(folder, visit) ? TAKEN_HERE : undefined),
    entered: (visit, token) => remember(folder, visit, token),
    left: (visit) => forget(folder, visit),
  });
  let asked = false;
  const leave = () => {
    if (asked) process.exit(EXIT.left);
    asked = true;
    void gui.close();
  };
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) process.on(signal, leave);
  const commands = browserCommands(gui.opening, process.env);
  if (commands.length === 0) print(`Open this address in a browser on this machine: ${gui.address}`);
  else {
    print(`The chat opens in your browser: ${gui.address}`);
    void openBrowser(commands).then((opened) => {
      if (!opened) print("No browser opened by itself. Open that address in a browser on this machine.");
    });
  }
  await gui.over;
  return EXIT.left;
}

/** For a person: what begins with a slash is a command, and never said to all. */
async function plainClient(options: PlainClientOptions): Promise<PlainClient> {
  const { PlainClient } = await import("./lib/terminal/plain-client.ts");
  return new PlainClient(options);
}

/** For a program: each line is said, or is a message. */
async function pipeClient(options: Omit<PipeClientOptions, "json">, json: boolean): Promise<PipeClient> {
  const { PipeClient } = await import("./lib/terminal/pipe-client.ts");
  return new PipeClient({ ...options, json });
}

function exitCode(how: string): number {
  switch (how) {
    case "left":
      return EXIT.left;
    case "kicked":
    case "banned":
      return EXIT.kicked;
    case "replaced":
    case "lost":
      return EXIT.lost;
    case "untrusted":
      return EXIT.untrusted;
    default:
      return EXIT.refused;
  }
}

/** Not through process.stdout, which takes as long to load as all else of `chat --help`. */
function print(text: string): number {
  console.log(text);
  return EXIT.left;
}
