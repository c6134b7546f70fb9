// chat in a pipe: each line of input is said, what happens comes out as lines, or both as JSON messages. No prompt, no colours.
import { Membership, type MembershipOptions } from "../client/membership.ts";
import { UNPROVED } from "../client/knock.ts";
import type { Notice } from "../client/notice.ts";
import type { Marked } from "../client/pending.ts";
import { lineOf } from "../client/print.ts";
import { standingSight, StandingNews } from "../client/standing.ts";
import { marked, notice, problem, seen, seenAlone, shownName, type Sight, unsaid, usersLine } from "../client/view.ts";
import { decodeClient } from "../protocol/codec.ts";
import { refuse, type ServerMessage, type Standing } from "../protocol/message.ts";
import { visibleJson } from "../protocol/visible.ts";

/** How long what was said last may take to be kept when the input has ended and the room is away. */
const LAST_WORDS_MS = 60_000;

export interface PipeClientOptions extends Omit<MembershipOptions, "told"> {
  readonly json: boolean;
  readonly lines: AsyncIterable<string>;
  /** One line, without its end: to standard output … */
  print(line: string): void;
  /** … and to standard error. */
  remark(line: string): void;
  /** How far the wire can be trusted that was dialled last. */
  standing?(): Standing | undefined;
}

export class PipeClient {
  readonly membership: Membership;
  readonly #options: PipeClientOptions;
  readonly #now: () => number;
  readonly #over = Promise.withResolvers<string>();
  readonly #standings = new StandingNews();
  #refused = false;

  constructor(options: PipeClientOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.membership = new Membership({ ...options, now: this.#now, told: (notice) => this.#told(notice) });
  }

  /** To be called once the membership has joined. Resolves with how it ended: a bye's code, "refused" or "lost". */
  async run(): Promise<string> {
    const code = await Promise.race([this.#over.promise, this.#feed()]);
    return this.#refused && code === "left" ? "refused" : code;
  }

  leave(): void {
    this.membership.leave();
  }

  async #feed(): Promise<string> {
    const { pending } = this.membership;
    for await (const line of this.#options.lines) {
      if (line.trim() === "") continue;
      if (this.#options.json) this.#request(line);
      else this.membership.ask({ type: "say", text: line });
      // Beyond that, input waits in its pipe.
      await pending.bounded();
    }
    const kept = await Promise.race([pending.settled().then(() => true), this.#patience()]);
    if (!kept) {
      pending.unanswered.forEach((request) => this.#unsure(request));
      this.#undone(pending.unsent);
      this.membership.close();
      return "lost";
    }
    this.leave();
    return await this.#over.promise;
  }

  /** Ends only when the room has been away for too long. */
  #patience(): Promise<false> {
    return new Promise((resolve) => {
      let awaySince: number | undefined;
      setInterval(() => {
        if (this.membership.live) awaySince = undefined;
        else awaySince ??= this.#now();
        if (awaySince !== undefined && this.#now() - awaySince > LAST_WORDS_MS) resolve(false);
      }, 1_000).unref();
    });
  }

  #request(line: string): void {
    const message = decodeClient(line);
    switch (message.type) {
      case "refused":
        this.#refused = true;
        return this.#printJson(JSON.stringify(message));
      case "join":
      case "challenge":
        return this.#printJson(
          JSON.stringify(refuse("already-joined", "chat has joined for you already.", message.re)),
        );
      case "ping":
        return this.#printJson(JSON.stringify({ type: "pong", re: message.re }));
      case "pong":
        return;
      case "say":
      case "whisper":
      case "rename":
      case "topic":
      case "history":
      case "members":
      case "kick":
      case "leave":
      case "ban":
      case "unban":
      case "bans":
      case "mute":
      case "unmute":
      case "op":
      case "deop":
      case "slow":
      case "lock":
      case "unlock":
      case "purge":
      case "undo":
      case "audit":
      case "invite":
      case "invites":
      case "uninvite":
      case "link":
        this.membership.ask(message);
    }
  }

  /** For programs, but people look at it too: the server's own line, where all that a terminal would obey is escaped. */
  #printJson(json: string): void {
    this.#options.print(visibleJson(json));
  }

  #told(news: Notice): void {
    switch (news.type) {
      case "heard":
        if (news.message.type === "refused") this.#refused = true;
        if (this.#options.json) this.#printJson(news.line);
        else this.#heard(news.message);
        return news.message.type === "welcome" ? this.#tellStanding() : undefined;
      case "unproved":
        return this.#remark(problem(UNPROVED));
      case "away":
        return this.#remark(problem(`${news.why} Trying again.`));
      case "back":
        return this.#remark(notice(`Back, ${news.missed.length} events missed.`));
      case "unsure":
        return this.#unsure(news.request);
      case "ended":
        this.#undone(news.unsent);
        if (news.code !== "left") this.#remark(problem(news.text));
        return this.#over.resolve(news.code);
    }
  }

  /** A program has nobody to tell that all is well. */
  #tellStanding(): void {
    const standing = this.#standings.of(this.#options.standing?.());
    if (standing !== undefined && standing !== "verified") this.#remark(standingSight(standing));
  }

  #unsure(request: Marked): void {
    this.#remark(
      problem(`The connection broke; nobody can tell whether this had an effect: ${JSON.stringify(request)}`),
    );
  }

  /** These never went out, and never will. */
  #undone(requests: readonly Marked[]): void {
    for (const request of requests) {
      const sight = this.#options.json ? undefined : unsaid(request);
      this.#remark(sight ?? problem(`Not done: ${JSON.stringify(request)}`));
    }
  }

  #remark(sight: Sight): void {
    this.#options.remark(lineOf(sight, false));
  }

  #heard(message: ServerMessage): void {
    const me = this.membership.name;
    switch (message.type) {
      case "said":
      case "entered":
      case "exited":
      case "renamed":
      case "topic":
      case "moderated":
      case "opened": {
        const sight = seen(message, me);
        return sight && this.#options.print(lineOf(sight, false));
      }
      case "welcome":
        return this.#remark(
          notice(
            `In ${shownName(message.room)} as ${shownName(message.name)}. ${usersLine(marked(message.members, message.verified))}`,
          ),
        );
      case "refused":
        return this.#remark(problem(message.text));
      case "history":
      case "members":
      case "whisper":
      case "bans":
      case "audit":
      case "invitation":
      case "invites":
      case "link":
      case "challenge":
      case "bye":
      case "ping":
      case "pong": {
        const sight = seenAlone(message, me);
        return sight && this.#options.print(lineOf(sight, false));
      }
    }
  }
}
