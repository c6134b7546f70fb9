// Asking to be let in: what is sent and what is swallowed, answer by answer.
import { expect, test } from "bun:test";
import { Knock, UNPROVED } from "../../lib/client/knock.ts";
import type { Signer } from "../../lib/client/signer.ts";
import type { ServerMessage } from "../../lib/protocol/message.ts";

const JOIN = { type: "join", name: "Ada", room: "lobby" } as const;
const utf8 = new TextDecoder();
/** Signs with the text itself. */
const signer: Signer = {
  key: "KEY",
  sign: async (bytes) => utf8.decode(bytes).replaceAll('"', "").split("\n").join(" "),
};

function knock(more: { readonly signer?: Signer | undefined; readonly join?: object } = {}) {
  const sent: object[] = [];
  let marks = 0;
  const knock = new Knock({
    signer,
    binding: "wire",
    newMark: () => `m${++marks}`,
    send: (message) => void sent.push(message),
    ...more,
    join: { ...JOIN, ...more.join },
  });
  knock.begin();
  return { knock, sent, hears: (message: object) => knock.heard(message as ServerMessage) };
}

const challenge = (re: string, nonce = "N") => ({ type: "challenge", nonce, log: "L", re });
const refused = (code: string, more: object = {}) => ({ type: "refused", code, text: "No.", ...more });
const settle = () => new Promise<void>((resolve) => void setImmediate(resolve));

test("without a key it is the join alone", () => {
  const { sent, hears } = knock({ signer: undefined });
  expect(sent).toEqual([JOIN]);
  expect(hears(refused("bad-signature"))).toEqual(refused("bad-signature") as never);
});

test("with one, the challenge comes first and its answer is signed, for this wire and this name", async () => {
  const { sent, hears } = knock({ join: { name: " Ａda " } });
  expect(sent).toEqual([{ type: "challenge", re: "m1" }]);
  expect(hears(challenge("m1"))).toBeUndefined();
  await settle();
  expect(sent[1]).toEqual({ ...JOIN, name: " Ａda ", key: "KEY", signature: "chatd join 1 N wire lobby L Ada" });
  const welcome = { type: "welcome" };
  expect(hears(welcome)).toBe(welcome as never);
});

test("an answer to nothing, or a second one, is not signed", async () => {
  const { sent, hears } = knock();
  for (const re of ["m0", undefined]) expect(hears({ type: "challenge", nonce: "X", log: "L", re })).toBeUndefined();
  hears(challenge("m1"));
  hears(challenge("m1", "again"));
  await settle();
  expect(sent.length).toBe(2);
});

test.each(["unknown-type", "not-joined", "internal"])(
  "where a challenge is refused (%s), it joins without the key",
  (code) => {
    const { knock: it, sent, hears } = knock();
    expect(hears(refused(code, { re: "m1" }))).toBeUndefined();
    expect(sent[1]).toEqual(JOIN);
    expect(it.unproved).toBeFalse();
  },
);

test("a proof that is not taken is tried once more, then the key is left out", async () => {
  const { knock: it, sent, hears } = knock();
  hears(challenge("m1"));
  await settle();
  expect(hears(refused("bad-signature"))).toBeUndefined();
  expect(sent.at(-1)).toEqual({ type: "challenge", re: "m2" });
  hears(challenge("m2"));
  await settle();
  expect(hears(refused("bad-signature"))).toBeUndefined();
  expect(sent.at(-1)).toEqual(JOIN);
  expect(it.unproved).toBeTrue();
  // Whose name it is nobody can tell, and that is why.
  expect(hears(refused("name-owned"))).toMatchObject({ code: "name-owned", text: `No. ${UNPROVED}` });
  expect(hears(refused("bad-signature"))).toMatchObject({ code: "bad-signature", text: UNPROVED });
});

test("without a proof there is nothing to link", async () => {
  const { sent, hears } = knock({ join: { link: "CODE" } });
  for (const re of ["m1", "m2"]) {
    hears(challenge(re));
    await settle();
    expect(sent.at(-1)).toMatchObject({ key: "KEY", link: "CODE" });
    if (re === "m1") hears(refused("bad-signature"));
  }
  expect(hears(refused("bad-signature"))).toMatchObject({ code: "bad-signature", text: UNPROVED });
});

test("any other refusal is the member's to hear", async () => {
  const { hears } = knock();
  expect(hears(refused("full"))).toMatchObject({ code: "full", text: "No." });
  hears(challenge("m1"));
  await settle();
  for (const code of ["name-owned", "banned", "invite-needed"])
    expect(hears(refused(code))).toMatchObject({ code, text: "No." });
  expect(hears(refused("not-joined", { re: "question" }))).toMatchObject({ re: "question" });
});

test("a key that cannot sign is left out", async () => {
  const broken = { key: "KEY", sign: () => Promise.reject(new Error("No.")) };
  const { knock: it, sent, hears } = knock({ signer: broken });
  hears(challenge("m1"));
  await settle();
  expect(sent.at(-1)).toEqual(JOIN);
  expect(it.unproved).toBeTrue();
});

test("what is signed after nobody waits for it any more is not sent", async () => {
  for (const signs of [signer, { key: "KEY", sign: () => Promise.reject(new Error("No.")) }]) {
    const { knock: it, sent, hears } = knock({ signer: signs });
    hears(challenge("m1"));
    it.stop();
    await settle();
    expect(sent).toEqual([{ type: "challenge", re: "m1" }]);
  }
});
