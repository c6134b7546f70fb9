// The line client without a prompt and without colours, for screen readers and dumb terminals: lines come, and typed lines mean what they mean at a prompt.
import { Conversation, type ConversationOptions } from "../client/conversation.ts";
import { Membership, type MembershipOptions } from "../client/membership.ts";
import { lineOf } from "../client/print.ts";
import { standingSight, StandingNews } from "../client/standing.ts";
import { problem, type Sight } from "../client/view.ts";
import type { Standing } from "../protocol/message.ts";

export interface PlainClientOptions
  extends Omit<MembershipOptions, "told">, Pick<ConversationOptions, "links" | "columns"> {
  /** What is typed. */
  readonly lines: AsyncIterable<string>;
  /** Takes what is to be seen, one line or, indented, a few. */
  print(line: string): void;
  /** Takes what is about the connection and not of the room. */
  remark(line: string): void;
  /** How far the wire can be trusted that was dialled last. */
  standing?(): Standing | undefined;
}

export class PlainClient {
  readonly membership: Membership;
  readonly #options: PlainClientOptions;
  readonly #conversation: Conversation;
  readonly #standings = new StandingNews();
  readonly #over = Promise.withResolvers<string>();

  constructor(options: PlainClientOptions) {
    this.#options = options;
    this.#conversation = new Conversation({
      host: false,
      show: (sights) => this.#show(sights),
      links: options.links,
      columns: () => options.columns?.(),
      quit: (text) => this.leave(text),
      ended: (code, text) => {
        if (code !== "left") this.#show([problem(text)]);
        this.#over.resolve(code);
      },
    });
    this.membership = new Membership({
      ...options,
      told: (news) => {
        this.#conversation.told(news);
        if (news.type === "heard" && news.message.type === "welcome") this.#tellStanding();
      },
    });
    this.#conversation.membership = this.membership;
  }

  /** To be called once the membership has joined. Resolves with the code of the goodbye. */
  async run(): Promise<string> {
    return await Promise.race([this.#over.promise, this.#listen()]);
  }

  leave(text?: string): void {
    this.membership.leave(text);
  }

  async #listen(): Promise<string> {
    for await (const line of this.#options.lines) this.#conversation.typed(line);
    this.leave();
    return await this.#over.promise;
  }

  #tellStanding(): void {
    const standing = this.#standings.of(this.#options.standing?.());
    if (standing !== undefined) this.#options.remark(lineOf(standingSight(standing), false));
  }

  #show(sights: readonly Sight[]): void {
    for (const sight of sights) this.#options.print(lineOf(sight, false));
  }
}
