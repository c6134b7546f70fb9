// What the asker alone is told about the order of the room: bans, acts, invitations, codes for another device.
import type { Access } from "../access/access.ts";
import { AUDIT_PAGE, AUDIT_PAGE_MAX } from "../protocol/limits.ts";
import { refuse, type ServerMessage } from "../protocol/message.ts";
import { NOT_JOINED } from "../room/decide.ts";
import type { Member } from "../room/member.ts";
import { notAllowed, type Query } from "../room/moderation.ts";
import { type Guest, type House, memberOf } from "./asks.ts";
import { attempt } from "./attempt.ts";
import type { Ask } from "./turns.ts";

type Question = Exclude<Query, { type: "undo" }>;

/** It has its turn, so that it is answered after what was asked before it; an invitation that is told is on disk. */
export function orderAsk(house: House, guest: Guest, question: Question): Ask {
  let answer: ServerMessage;
  const look = () => {
    const member = memberOf(guest);
    answer = member
      ? (notAllowed(member, question) ?? attempt(question.re, () => answerTo(house, member, question)))
      : refuse("not-joined", NOT_JOINED, question.re);
  };
  const reply = () => {
    guest.send(answer);
    guest.settled();
  };
  return {
    bytes: 0,
    decide() {
      look();
      return undefined;
    },
    settled: reply,
    // It needs nothing of the turn.
    failed: () => {
      answer ??= refuse("internal", "The server could not look that up; please ask again.", question.re);
      reply();
    },
  };
}

function answerTo(house: House, member: Member, question: Question): ServerMessage {
  const { re } = question;
  const { access, order } = house;
  const nowS = house.clockS();
  switch (question.type) {
    case "bans":
      return {
        type: "bans",
        bans: order.restrictions.inForce("ban").map(({ name, by, at, seconds, text }) => ({
          name,
          by,
          at: timeOf(at),
          ...(seconds !== null && { until: timeOf(at + seconds) }),
          ...(text !== null && { text }),
        })),
        re,
      };
    case "audit": {
      const acts = access.acts.newest(Math.min(question.limit ?? AUDIT_PAGE, AUDIT_PAGE_MAX));
      return {
        type: "audit",
        acts: acts.map(({ at, act, by, name, text, seconds, undone }) => ({
          at: timeOf(at),
          act,
          by,
          ...(name !== null && { name }),
          ...(text !== null && { text }),
          ...(seconds !== null && { seconds }),
          ...(undone && { undone }),
        })),
        re,
      };
    }
    case "invite": {
      const { until, ...made } = access.invite(question, member, nowS);
      return { type: "invitation", ...made, until: timeOf(until), re };
    }
    case "invites":
      return invitesNow(access, nowS, re);
    case "uninvite": {
      const { id } = question;
      const removed = access.together(() => {
        const isThere = access.invitations.remove(id);
        if (isThere) order.note("uninvited", member, `invitation ${id}`);
        return isThere;
      });
      if (!removed) return refuse("not-allowed", `There is no invitation ${id}; /invites shows them.`, re);
      return invitesNow(access, nowS, re);
    }
    case "link": {
      const { code, until } = access.names.newLink(member.identity!, nowS);
      return { type: "link", code, until: timeOf(until), re };
    }
  }
}

/** The invitations that hold. */
function invitesNow({ invitations }: Access, nowS: number, re: string | undefined): ServerMessage {
  return {
    type: "invites",
    invites: invitations.all(nowS).map((row) => ({ ...row, until: timeOf(row.until) })),
    re,
  };
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
