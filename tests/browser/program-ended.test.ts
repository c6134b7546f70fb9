// A page of chat --gui whose program is gone: nothing that it tries can help, so it says what does.
import { expect } from "bun:test";
import { CHAT, home } from "../support/binaries.ts";
import { browserTest, visit } from "../support/browser.ts";
import { arrive, chatdWithPage } from "./arrive.ts";
import { button, enter, field, nameField } from "./in-the-room.ts";

const SENTENCE = "The chat program has ended. Start it again: it opens a new page.";
/** The page gives the program some seconds to answer again. */
const TOLD_MS = 15_000;

browserTest(
  "a page whose program was killed says so, in the room and in the form, and keeps what was typed",
  async () => {
    await using place = await home();
    await using chatd = await chatdWithPage(place);
    const env = { BROWSER: undefined, SSH_CONNECTION: "a test" };
    await using program = place.run([CHAT, "--gui", `127.0.0.1:${chatd.port}`], { env });
    const line = await program.until("http://");
    const address = line.slice(line.indexOf("http://"));
    await using ada = await visit({ url: address, timezone: place.env["TZ"]! });
    await enter(ada, "Ada");
    await field(ada).fill("Half a sentence");
    const form = await visit({ url: address, timezone: place.env["TZ"]! });
    await form.sees(nameField(form));
    ada.allow(/net::/, "WebSocket connection to");
    form.allow(/net::/);

    program.kill("SIGKILL");
    await ada.sees(SENTENCE, TOLD_MS);
    await ada.seesNo(button(ada, "Try now"));
    expect(await field(ada).inputValue()).toBe("Half a sentence");
    await form.sees(SENTENCE, TOLD_MS);
  },
);

browserTest("the program's page shows the way out, and the room's own page keeps it among the settings", async () => {
  await using place = await home();
  await using chatd = await chatdWithPage(place);
  await using bob = await arrive(place, chatd);
  await enter(bob, "Bob");
  await bob.seesNo(button(bob, "Disconnect"));
  const env = { BROWSER: undefined, SSH_CONNECTION: "a test", CHAT_GUI_LINGER_S: "0" };
  await using program = place.run([CHAT, "--gui", `127.0.0.1:${chatd.port}`], { env });
  const line = await program.until("http://");
  await using ada = await visit({ url: line.slice(line.indexOf("http://")), timezone: place.env["TZ"]! });
  await enter(ada, "Ada");
  await button(ada, "Disconnect").click();
  await ada.sees(nameField(ada));
  await bob.sees("Ada left.");
});
