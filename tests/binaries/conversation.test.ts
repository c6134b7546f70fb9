// The acceptance test: the conversation that the original's README shows, with the compiled programs in real terminals.
import { expect, test } from "bun:test";
import { CHAT, CHATD, FIRST_TIME, home, portOf, shows, statusRow, VERIFIED } from "../support/binaries.ts";

test("Spider-Man, Ironman and the host hold the conversation of the original's README, on screens of 80x24", async () => {
  await using place = await home();
  // A room that is new shows more above this.
  await (await place.chatd("--data", "./history", "--no-web"))[Symbol.asyncDispose]();
  await using host = await place.open([CHATD, "--port", "0", "--host", "127.0.0.1", "--data", "./history"]);
  await host.until("Host >");
  const port = portOf(host);
  const [page = ""] = /http:\/\/localhost:\d+\//.exec(host.screen()) ?? [];

  await using spiderman = await place.open([CHAT, `localhost:${port}`, "-n", "Spider-Man"]);
  await shows(
    spiderman,
    `
[*] You are in lobby as Spider-Man. /help shows what you can type.
${FIRST_TIME}
USERS: [Host,Spider-Man✓]
${statusRow("encrypted, first time", 2)}
[HH:MM:SS] Spider-Man >`,
  );
  await shows(
    host,
    `
chatd 0.1.0: the room is open on port ${port}.
  Friends join  from this machine only (--host 127.0.0.1)
  In a browser  ${page}
  From here     chat localhost:${port}
  History       ./history
  To stop       EXIT, or Ctrl+C; HELP shows more

[*] Spider-Man entered.
USERS: [Host,Spider-Man✓]
[HH:MM:SS] Host >`,
  );

  spiderman.type("Hey\r");
  await host.until("Spider-Man > Hey");

  // Ironman says nothing on the command line, so he is asked.
  await using ironman = await place.open([CHAT, "--guest"]);
  await ironman.until(/Server\n.*localhost/);
  ironman.type("\r");
  await ironman.until(/Port\n.*\d/);
  // Spider-Man's answers were kept, so only the name is another.
  expect(ironman.screen()).toContain(port);
  ironman.type("\r");
  await ironman.until(/Username\n.*Spider-Man/);
  ironman.type("\x15Ironman\r");
  await ironman.until("Ironman >");
  await Promise.all([host.until("Ironman]"), spiderman.until("Ironman entered.")]);
  ironman.type("Hi Spidey\r");
  await Promise.all([host.until("Hi Spidey"), spiderman.until("Hi Spidey")]);
  host.type("Hello both of you\r");
  await Promise.all([ironman.until("Hello both"), spiderman.until("Hello both")]);

  await shows(
    ironman,
    `
┌  chat: join a room
│
◇  Server
│  localhost
│
◇  Port
│  ${port}
│
◇  Username
│  Ironman
[*] You are in lobby as Ironman. /help shows what you can type.
${VERIFIED}
USERS: [Host,Spider-Man✓,Ironman]
[HH:MM:SS] Spider-Man > Hey
[HH:MM:SS] Ironman > Hi Spidey
[HH:MM:SS] Host > Hello both of you
${statusRow("encrypted, verified", 3)}
[HH:MM:SS] Ironman >`,
  );

  host.type("LIST_USERS\r");
  const usersTwice = /Hello both of you\nUSERS: \[Host,Spider-Man✓,Ironman\]\n/;
  await host.until(usersTwice);
  host.type("HELP\r");
  await host.until("//TEXT");
  host.type("KICK Ironman\r");
  await spiderman.until("kicked");
  expect(await ironman.exited).toBe(5);
  await shows(
    ironman,
    `
┌  chat: join a room
│
◇  Server
│  localhost
│
◇  Port
│  ${port}
│
◇  Username
│  Ironman
[*] You are in lobby as Ironman. /help shows what you can type.
${VERIFIED}
USERS: [Host,Spider-Man✓,Ironman]
[HH:MM:SS] Spider-Man > Hey
[HH:MM:SS] Ironman > Hi Spidey
[HH:MM:SS] Host > Hello both of you
[*] Ironman was kicked by Host.
[!] You were kicked by Host.`,
  );
  await shows(
    host,
    `
Whatever you type is said to everyone. Commands:
  /help [COMMAND]         show the commands, or one of them  (HELP, /?)
  /names                  show who is here  (LIST_USERS, /users, /who)
  /me TEXT                say what you do: * Ada waves
  /msg NAME TEXT          whisper to one member  (/whisper, /w, /dm)
  /r TEXT                 answer the last whisper  (/reply)
  /nick NAME              change your name  (/rename)
  /topic [TEXT]           show or set what the room is about
  /history [COUNT]        show what was said (up to 500)  (/last)
  /exit                   close the room for everyone  (EXIT, /quit, /stop)
  //TEXT                  say a line that begins with a slash
To keep order:
  /kick NAME [WHY]        put somebody out  (KICK)
  /ban NAME [1h] [WHY]    put out and keep out · /unban NAME · /bans
  /mute NAME [10m] [WHY]  let somebody only read  (/gag) · /unmute NAME
  /op NAME                make somebody an operator · /deop NAME
  /slow 5s|off            let members speak only so often
  /lock                   let nobody new in · /unlock
  /purge NAME [10m]       withdraw what somebody said in the last 10 minutes
  /undo                   take back the last act (10 minutes) · /audit [COUNT]
  /invite [WORDS]         make a link to join by · /invites · /uninvite NUMBER
[*] Ironman was kicked by Host.
USERS: [Host,Spider-Man✓]
[HH:MM:SS] Host >`,
  );

  spiderman.type("Half a thou");
  await spiderman.until("Half a thou");
  host.type("EXIT\r");
  expect(await host.exited).toBe(0);
  expect(host.screen()).toEndWith("USERS: [Host,Spider-Man✓]\nThe room is closed.");
  await shows(
    spiderman,
    `
[*] You are in lobby as Spider-Man. /help shows what you can type.
${FIRST_TIME}
USERS: [Host,Spider-Man✓]
[HH:MM:SS] Spider-Man > Hey
[*] Ironman entered.
[HH:MM:SS] Ironman > Hi Spidey
[HH:MM:SS] Host > Hello both of you
[*] Ironman was kicked by Host.
[HH:MM:SS] Spider-Man (away) > Half a thou`,
  );
});

test("the same on screens of 40x12, where lines wrap", async () => {
  await using place = await home();
  await using elsewhere = await home();
  const small = { cols: 40, rows: 12 };
  await using host = await place.open([CHATD, "--port", "0", "--host", "127.0.0.1", "--ephemeral"], small);
  await host.until("Host >");
  const at = `localhost:${portOf(host)}`;
  await using spiderman = await place.open([CHAT, at, "-n", "Spider-Man"], small);
  await Promise.all([host.until("USERS: [Host,Spider-Man✓]"), spiderman.until("Spider-Man >")]);
  spiderman.type("Hey\r");
  await host.until("> Hey");
  await using ironman = await elsewhere.open([CHAT, at, "-n", "Ironman"], small);
  await Promise.all([host.until("Ironman✓]"), spiderman.until("Ironman entered."), ironman.until("Ironman >")]);
  ironman.type("Hi Spidey, how is the view from up there today?\r");
  await Promise.all([host.until("there today?"), spiderman.until("there today?")]);
  spiderman.type("I can see your house from here, and ");
  await shows(
    spiderman,
    `
[*] You are in lobby as Spider-Man. /hel
p shows what you can type.
${wrapped(FIRST_TIME)}
USERS: [Host,Spider-Man✓]
[HH:MM:SS] Spider-Man > Hey
[*] Ironman entered.
[HH:MM:SS] Ironman > Hi Spidey, how is t
he view from up there today?
${statusRow("encrypted, first time", 3)}
[HH:MM:SS] Spider-Man > I can see your h
ouse from here, and`,
  );
  host.type("KICK Ironman too curious\r");
  expect(await ironman.exited).toBe(5);
  await shows(
    ironman,
    `
[*] You are in lobby as Ironman. /help s
hows what you can type.
${wrapped(FIRST_TIME)}
USERS: [Host,Spider-Man✓,Ironman✓]
[HH:MM:SS] Spider-Man > Hey
[HH:MM:SS] Ironman > Hi Spidey, how is t
he view from up there today?
[*] Ironman was kicked by Host: too curi
ous
[!] You were kicked by Host: too curious`,
  );
  await shows(
    host,
    `

[*] Spider-Man entered.
USERS: [Host,Spider-Man✓]
[HH:MM:SS] Spider-Man > Hey
[*] Ironman entered.
USERS: [Host,Spider-Man✓,Ironman✓]
[HH:MM:SS] Ironman > Hi Spidey, how is t
he view from up there today?
[*] Ironman was kicked by Host: too curi
ous
USERS: [Host,Spider-Man✓]
[HH:MM:SS] Host >`,
  );
  await shows(
    spiderman,
    `
${wrapped(FIRST_TIME)}
USERS: [Host,Spider-Man✓]
[HH:MM:SS] Spider-Man > Hey
[*] Ironman entered.
[HH:MM:SS] Ironman > Hi Spidey, how is t
he view from up there today?
[*] Ironman was kicked by Host: too curi
ous
${statusRow("encrypted, first time", 2)}
[HH:MM:SS] Spider-Man > I can see your h
ouse from here, and`,
  );
});

/** As it stands on a screen of 40 columns. */
function wrapped(line: string): string {
  return line.replace(/.{40}/g, "$&\n").replace(/ +$/gm, "");
}
