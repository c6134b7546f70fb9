// chat --gui: the page of one person's own program, from its form to its end.
import { expect } from "bun:test";
import { home } from "../support/binaries.ts";
import { browserTest, visit } from "../support/browser.ts";
import { button, disconnect, enter, field, nameField, say, seesTalk } from "./in-the-room.ts";
import { arrive, chatdWithPage, gui } from "./arrive.ts";

browserTest("the program's page asks where and who, joins, talks, leaves, and the program ends with it", async () => {
  await using place = await home();
  await using chatd = await chatdWithPage(place);
  await using bob = await arrive(place, chatd);
  await enter(bob, "Bob");
  await using chat = await gui(place);
  await using ada = await visit({ url: chat.address, timezone: place.env["TZ"]! });
  const server = ada.page.getByRole("textbox", { name: "Server" });
  const port = ada.page.getByRole("textbox", { name: "Port" });
  expect([await server.inputValue(), await port.inputValue()]).toEqual(["localhost", "3001"]);
  const connect = async (to: { server?: string; port?: string; name?: string }, sentence: string | RegExp) => {
    if (to.server !== undefined) await server.fill(to.server);
    if (to.port !== undefined) await port.fill(to.port);
    if (to.name !== undefined) await nameField(ada).fill(to.name);
    await button(ada, "Connect").click();
    await ada.sees(ada.page.getByRole("alert").filter({ hasText: sentence }));
  };

  // What is wrong is told at the field, and what was typed stays.
  await connect({ server: "", name: "Ada" }, "Where is the room?");
  await connect({ server: "localhost", port: "70000" }, "A port is a number from 1 to 65535");
  using closed = occupied();
  const free = String(closed.port);
  closed[Symbol.dispose]();
  await connect({ port: free }, `localhost:${free}`);
  using stranger = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("A page of something else") });
  await connect({ server: "127.0.0.1", port: String(stranger.port) }, "That is a web server, not a chatd.");
  await connect({ port: String(chatd.port), name: "Bob" }, "Bob is somebody else's name; try another one.");
  expect(await server.inputValue()).toBe("127.0.0.1");

  await enter(ada, "Ada");
  await say(ada, "Through my own program");
  await seesTalk(bob, "Through my own program");
  await say(bob, "Welcome");
  await seesTalk(ada, "Through my own program", "Welcome");

  await disconnect(ada);
  await bob.sees("Ada left.");
  expect([await server.inputValue(), await port.inputValue()]).toEqual(["127.0.0.1", String(chatd.port)]);
  // An address as a host tells it is understood whole.
  await server.fill(`chat://127.0.0.1:${chatd.port}/lobby`);
  await port.fill("3001");
  await button(ada, "Connect").click();
  await ada.sees(field(ada));
  await say(ada, "Back");
  await seesTalk(bob, "Through my own program", "Welcome", "Back");

  // As long as one tab is open, the program is needed.
  const other = await ada.another(chat.address);
  await other.sees(field(other));
  await ada.sees("You are in the room in another tab or window now.");
  await ada.page.close();
  await say(other, "From the other tab");
  await seesTalk(bob, "Through my own program", "Welcome", "Back", "From the other tab");
  await other.page.close();
  expect(await chat.program.exited()).toBe(0);
  await bob.sees(/Ada left/);
});

/** A port that somebody has. */
function occupied(): { readonly port: number } & Disposable {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  return { port: listener.port, [Symbol.dispose]: () => listener.stop(true) };
}
