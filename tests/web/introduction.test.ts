// The program's own key speaks for its page: what passes, what is added, what waits.
import { expect, test } from "bun:test";
import { Introduction } from "../../lib/web/introduction.ts";
import { signedText } from "../../lib/protocol/proof.ts";
import { proves } from "../../lib/hub/proof.ts";
import { testSigner } from "../client/test-signer.ts";

const JOIN = { type: "join", name: "Ada", room: "lobby" } as const;

async function introduction(more: { readonly signer?: undefined } = {}) {
  const toServer: { type: string; [field: string]: unknown }[] = [];
  const toPage: { type: string; [field: string]: unknown }[] = [];
  const signer = await testSigner();
  const introduction = new Introduction({
    signer,
    binding: () => "plain:127.0.0.1:3001",
    toServer: (line) => void toServer.push(JSON.parse(line)),
    toPage: (line) => void toPage.push(JSON.parse(line)),
    ...more,
  });
  return {
    toServer,
    toPage,
    key: signer.key,
    join: (more = {}) => introduction.join({ ...JOIN, ...more }),
    says: (message: object) => introduction.said(JSON.stringify(message)),
    async hears(message: object) {
      introduction.heard(JSON.stringify(message));
      await new Promise<void>((resolve) => void setImmediate(resolve));
    },
  };
}

const challenge = (re: unknown) => ({ type: "challenge", nonce: "N", log: "L", re });
const types = (messages: readonly { type: string }[]) => messages.map(({ type }) => type);

test("the page's join goes on with a proof for the program's wire, and what follows it waits until it is answered", async () => {
  const { toServer, toPage, key, join, says, hears } = await introduction();
  join({ token: "t", invite: "i" });
  says({ type: "members", re: "page-1" });
  expect(types(toServer)).toEqual(["challenge"]);
  await hears(challenge(toServer[0]!["re"]));
  expect(types(toServer)).toEqual(["challenge", "join"]);
  const { signature, ...joined } = toServer[1]!;
  expect(joined).toEqual({ ...JOIN, token: "t", invite: "i", key });
  const claim = { nonce: "N", binding: "plain:127.0.0.1:3001", room: "lobby", log: "L", name: "Ada" };
  expect(signedText(claim).length).toBeGreaterThan(0);
  expect(proves(key, String(signature), claim)).toBeTrue();
  expect(toPage).toEqual([]);
  await hears({ type: "refused", code: "name-taken", text: "Taken." });
  expect(types(toPage)).toEqual(["refused"]);
  expect(types(toServer)).toEqual(["challenge", "join", "members"]);
});

test("once it was answered, everything passes as it is, a challenge too", async () => {
  const { toServer, toPage, join, says, hears } = await introduction();
  join();
  await hears(challenge(toServer[0]!["re"]));
  await hears({ type: "refused", code: "full", text: "Full." });
  says({ type: "ping" });
  await hears({ type: "weather", sun: true });
  await hears(challenge("page"));
  expect(types(toServer)).toEqual(["challenge", "join", "ping"]);
  expect(types(toPage)).toEqual(["refused", "weather", "challenge"]);
});

test("a second name has a proof of its own", async () => {
  const { toServer, join, hears } = await introduction();
  join();
  await hears(challenge(toServer[0]!["re"]));
  await hears({ type: "refused", code: "name-taken", text: "Taken." });
  join({ name: "Eve" });
  expect(types(toServer)).toEqual(["challenge", "join", "challenge"]);
  expect(toServer[2]!["re"]).not.toBe(toServer[0]!["re"]);
});

test("an old server gets the join as the page has said it, and a program without a key adds none", async () => {
  const old = await introduction();
  old.join();
  await old.hears({ type: "refused", code: "unknown-type", text: "What?", re: old.toServer[0]!["re"] });
  expect(old.toServer[1]).toEqual(JOIN);
  expect(old.toPage).toEqual([]);
  const guest = await introduction({ signer: undefined });
  guest.join();
  expect(guest.toServer).toEqual([JOIN]);
});
