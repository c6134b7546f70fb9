// The page over https, what it says where it is not, and what chat --gui tells of the wire behind its page.
import { expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { type Chatd, home } from "../support/binaries.ts";
import { browserTest, visit } from "../support/browser.ts";
import { testCertificate } from "../support/certificate.ts";
import type { Visitor } from "../support/visitor.ts";
import { chatdWithPage, gui, pageOf, webPort } from "./arrive.ts";
import { button, enter, nameField, say, seesTalk } from "./in-the-room.ts";

const MEANS = "whoever is on the way can read and change what is said";

async function pinOf({ program }: Chatd): Promise<string> {
  return (JSON.parse(await program.until('"listening"')) as { tls: { pin: string } }).tls.pin;
}

/** What stands beside the name of the room. */
async function trustOf({ page }: Visitor): Promise<string | undefined> {
  const [words] = await page.locator(".trust").allInnerTexts();
  return words;
}

browserTest("over https people talk, reload and come back as ever", async () => {
  await using place = await home();
  await using chatd = await chatdWithPage(place, "--tls", "required", "--host", "0.0.0.0");
  const address = networkAddress() ?? "127.0.0.1";
  const url = await pageOf(chatd, address, "https");
  await using ada = await visit({ url, clicksWarningsAway: true });
  await enter(ada, "Ada");
  await using bob = await visit({ url: await pageOf(chatd, "localhost", "https"), clicksWarningsAway: true });
  await enter(bob, "Bob");
  await say(ada, "Nobody reads along");
  await seesTalk(bob, "Nobody reads along");
  expect([await trustOf(ada), await ada.page.evaluate(() => isSecureContext)]).toEqual([undefined, true]);
  await ada.page.reload();
  await seesTalk(ada, "Nobody reads along");
  await say(bob, "x".repeat(8_000), "and short");
  await ada.sees("and short");
  // The chat port shows lost browsers the way, in their scheme.
  const answer = await fetch(`http://127.0.0.1:${chatd.port}/`, { redirect: "manual" });
  expect(answer.headers.get("location")).toBe(`https://127.0.0.1:${await webPort(chatd)}/`);
});

browserTest("a certificate of the host's own makes the page https, and leaves the chat port to all", async () => {
  await using place = await home();
  const { key, cert } = await testCertificate();
  writeFileSync(join(place.path, "key.pem"), key);
  writeFileSync(join(place.path, "cert.pem"), cert);
  await using chatd = await chatdWithPage(place, "--tls-cert", "cert.pem", "--tls-key", "key.pem");
  await using ada = await visit({ url: await pageOf(chatd, "localhost", "https"), clicksWarningsAway: true });
  await enter(ada, "Ada");
  await say(ada, "Here");
  await seesTalk(ada, "Here");
  // Whoever does not click the warning away is not in.
  await using careful = await visit();
  careful.allow("ERR_CERT_AUTHORITY_INVALID");
  const refused = await careful.page.goto(await pageOf(chatd, "localhost", "https")).catch(String);
  expect(refused).toContain("ERR_CERT_AUTHORITY_INVALID");
});

browserTest("a page that came in plain text over the network says so, briefly", async () => {
  const address = networkAddress();
  if (address === undefined) return console.error("This machine has no address of a network, so that is not tested.");
  await using place = await home();
  await using chatd = await chatdWithPage(place, "--host", "0.0.0.0");
  await using ada = await visit({ url: await pageOf(chatd, address) });
  ada.allow("The Cross-Origin-Opener-Policy header has been ignored, because the URL's origin was untrustworthy.");
  await ada.sees(`Not encrypted: ${MEANS}.`);
  await enter(ada, "Ada");
  expect(await trustOf(ada)).toBe("not encrypted");
  expect(await ada.page.locator(".trust").getAttribute("title")).toBe(`not encrypted: ${MEANS}`);

  await using bob = await visit({ url: await pageOf(chatd, "localhost") });
  await bob.sees(nameField(bob));
  expect(await bob.text()).not.toContain("ncrypted");
  await enter(bob, "Bob");
  expect(await trustOf(bob)).toBeUndefined();
});

browserTest("chat --gui encrypts, checks the link, and its page says how far the wire can be trusted", async () => {
  await using place = await home();
  await using chatd = await chatdWithPage(place);
  const pin = await pinOf(chatd);
  const at = `127.0.0.1:${chatd.port}`;
  const seen = async (name: string, to: string) => {
    await using chat = await gui(place, to, "-n", name);
    await using visitor = await visit({ url: chat.address, timezone: place.env["TZ"]! });
    await visitor.sees(`You are in lobby as ${name}.`);
    return trustOf(visitor);
  };
  expect(await seen("Ada", at)).toBe("encrypted, first time");
  expect(await seen("Bob", at)).toBe("encrypted, verified");
  expect(await seen("Cy", `chat://localhost:${chatd.port}/lobby#pin=${pin}`)).toBe("encrypted, verified");
  await using plain = await chatdWithPage(place, "--no-tls");
  expect(await seen("Dee", plain.at)).toBe("NOT ENCRYPTED");
});

browserTest(
  "a server that is not to be trusted stops the page of chat --gui, in the form and in the room",
  async () => {
    await using place = await home();
    const first = await chatdWithPage(place);
    const pin = await pinOf(first);
    const at = `127.0.0.1:${first.port}`;
    const wrong = "A".repeat(43);
    await using chat = await gui(place, `chat://${at}/lobby#pin=${wrong}`);
    await using ada = await visit({ url: chat.address, timezone: place.env["TZ"]! });
    await nameField(ada).fill("Ada");
    await button(ada, "Connect").click();
    await ada.sees(`In the link: ${wrong}. Shown now: ${pin}.`);
    // The form takes a whole link, and then that one holds.
    await ada.page.getByRole("textbox", { name: "Server" }).fill(`chat://${at}/lobby#pin=${pin}`);
    await button(ada, "Connect").click();
    await ada.sees("You are in lobby as Ada.");
    expect(await trustOf(ada)).toBe("encrypted, verified");

    first.program.kill();
    await first.program.exited();
    await using second = await chatdWithPage(place, "--port", String(first.port));
    const now = await pinOf(second);
    await ada.sees(`In the link: ${pin}. Shown now: ${now}.`, 20_000);
    await ada.sees(button(ada, "Join again"));
  },
);

function networkAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === "IPv4")?.address;
}
