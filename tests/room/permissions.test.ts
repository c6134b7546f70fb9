// Who may ask for what: every request of the rules, for everybody there can be.
import { describe, expect, test } from "bun:test";
import type { ClientMessage, RefusalCode } from "../../lib/protocol/message.ts";
import { decide, HOST_NAME, type Request } from "../../lib/room/decide.ts";
import { type Asker, GUEST, type Rights } from "../../lib/room/member.ts";
import { notAllowed, type Query } from "../../lib/room/moderation.ts";
import { apply, Room } from "../../lib/room/room.ts";

const WHO = {
  stranger: undefined,
  reader: { ...GUEST, role: "reader" },
  muted: { ...GUEST, mutedUntil: Infinity },
  guest: GUEST,
  verified: { ...GUEST, identity: 1 },
  bot: { ...GUEST, role: "bot" },
  operator: { ...GUEST, role: "operator" },
  host: { ...GUEST, host: true },
} as const satisfies Readonly<Record<string, Rights | undefined>>;
type Who = keyof typeof WHO;

const EVERYONE = ["reader", "muted", "guest", "verified", "bot", "operator", "host"] as const;
const SPEAKERS = ["guest", "verified", "bot", "operator", "host"] as const;
const KEEPERS = ["operator", "host"] as const;

/** Who may do it, on somebody who is no operator. */
const ALLOWED: readonly (readonly [Exclude<Request, { type: "join" }> | Query, readonly Who[]])[] = [
  [{ type: "say", text: "hi" }, SPEAKERS],
  [{ type: "say", text: "waves", action: true }, SPEAKERS],
  [{ type: "whisper", to: "Bob", text: "psst" }, SPEAKERS],
  [{ type: "rename", name: "Zoe" }, SPEAKERS],
  [{ type: "topic", text: "tea" }, SPEAKERS],
  [{ type: "leave", text: "bye" }, EVERYONE],
  [{ type: "kick", name: "Bob" }, KEEPERS],
  [{ type: "ban", name: "Bob" }, KEEPERS],
  [{ type: "unban", name: "Bob" }, KEEPERS],
  [{ type: "bans" }, KEEPERS],
  [{ type: "mute", name: "Bob" }, KEEPERS],
  [{ type: "unmute", name: "Bob" }, KEEPERS],
  [{ type: "op", name: "Bob" }, KEEPERS],
  [{ type: "deop", name: "Olga" }, ["host"]],
  [{ type: "slow", seconds: 5 }, KEEPERS],
  [{ type: "lock" }, KEEPERS],
  [{ type: "purge", name: "Bob" }, KEEPERS],
  [{ type: "undo" }, KEEPERS],
  [{ type: "audit" }, KEEPERS],
  [{ type: "invite", scope: "join" }, KEEPERS],
  [{ type: "invites" }, KEEPERS],
  [{ type: "uninvite", id: 1 }, KEEPERS],
  [{ type: "link" }, ["verified"]],
];
const QUERIES: ReadonlySet<ClientMessage["type"]> = new Set([
  "bans",
  "undo",
  "audit",
  "invite",
  "invites",
  "uninvite",
  "link",
]);

function roomWith(rights: Rights | undefined): { readonly room: Room; readonly asker: Asker } {
  const room = new Room();
  apply(room, { type: "entered", name: "Bob" });
  apply(room, { type: "entered", name: "Olga" }, WHO.operator);
  if (!rights) return { room, asker: { host: false } };
  const name = rights.host ? HOST_NAME : "Asker";
  apply(room, { type: "entered", name }, rights);
  return { room, asker: room.get(name)! };
}

describe.each(Object.keys(WHO) as Who[])("%s", (who) => {
  test.each(ALLOWED)("asks for %j", (request, allowed) => {
    const { room, asker } = roomWith(WHO[who]);
    if (QUERIES.has(request.type)) {
      if (asker.name === undefined) return;
      expect(notAllowed(asker, request as Query)?.code).toBe(allowed.includes(who) ? undefined : "not-allowed");
      return;
    }
    const decision = decide(room, asker, request as Request);
    const refusal = decision.type === "refused" ? decision.code : undefined;
    expect(refusal).toBe(allowed.includes(who) ? undefined : refusalOf(who, request));
  });
});

function refusalOf(who: Who, { type }: { readonly type: string }): RefusalCode {
  if (who === "stranger") return "not-joined";
  if (!["say", "whisper", "rename", "topic"].includes(type)) return "not-allowed";
  return who === "reader" ? "read-only" : "muted";
}

describe("those who keep order", () => {
  test("leave each other and the host alone, and the host nobody but itself", () => {
    for (const type of ["kick", "ban", "mute", "purge"] as const) {
      const { room, asker } = roomWith(WHO.operator);
      apply(room, { type: "entered", name: HOST_NAME }, WHO.host);
      const by = (who: Asker, name: string) => decide(room, who, { type, name }).type;
      expect([by(asker, "Olga"), by(asker, HOST_NAME)]).toEqual(["refused", "refused"]);
      const host = room.get(HOST_NAME)!;
      expect(by(host, "Olga")).not.toBe("refused");
      expect([by(asker, "Asker"), by(host, HOST_NAME)]).toEqual(
        type === "purge" ? ["moderated", "moderated"] : ["refused", "refused"],
      );
    }
  });

  test("are asked again for every message: whoever is none any more may do nothing", () => {
    const { room, asker } = roomWith({ ...WHO.operator });
    expect(decide(room, asker, { type: "lock" }).type).toBe("moderated");
    (asker as Rights).role = undefined;
    expect(decide(room, asker, { type: "lock" })).toMatchObject({ code: "not-allowed" });
  });
});
