// The line client: the room scrolls by, and the prompt below it stays whole.
import { complete } from "../client/commands.ts";
import { Conversation, type ConversationOptions } from "../client/conversation.ts";
import { Membership, type MembershipOptions } from "../client/membership.ts";
import { lineOf, statusOf } from "../client/print.ts";
import type { Standing } from "../protocol/message.ts";
import { timeOf } from "../client/when.ts";
import { problem, shownName, unshown } from "../client/view.ts";
import { openPrompt, type Prompt } from "../tty/prompt.ts";

/** How soon a second Ctrl+C must follow to leave. */
const TWICE_MS = 2_000;

export interface LineClientOptions extends Omit<MembershipOptions, "told">, Pick<ConversationOptions, "links"> {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly colour: boolean;
  /** How far the wire can be trusted that was dialled last. */
  standing?(): Standing | undefined;
}

export class LineClient {
  readonly membership: Membership;
  readonly #options: LineClientOptions;
  readonly #conversation: Conversation;
  readonly #over = Promise.withResolvers<string>();
  #prompt: Prompt | undefined;
  /** What was told before the prompt was there. */
  #early: string[] = [];
  #interruptedAt = Number.NEGATIVE_INFINITY;

  constructor(options: LineClientOptions) {
    this.#options = options;
    this.#conversation = new Conversation({
      host: false,
      show: (sights) => sights.forEach((sight) => this.#print(lineOf(sight, options.colour))),
      links: options.links,
      columns: () => options.output.columns,
      quit: (text) => this.leave(text),
      standing: () => options.standing?.(),
      ended: (code, text) => {
        if (code !== "left") this.#print(lineOf(problem(text), options.colour));
        this.#over.resolve(code);
      },
    });
    this.membership = new Membership({
      ...options,
      told: (notice) => {
        this.#conversation.told(notice);
        // Whether the room is there stands in the prompt.
        this.#prompt?.refresh();
      },
    });
    this.#conversation.membership = this.membership;
  }

  /** To be called once the membership has joined. Resolves with the code of the goodbye. */
  async run(): Promise<string> {
    const { input, output } = this.#options;
    const conversation = this.#conversation;
    this.#prompt = openPrompt({
      input,
      output,
      label: () =>
        `[${timeOf(new Date())}] ${shownName(this.membership.name)}${this.membership.live ? "" : " (away)"} > `,
      status: () => this.#status(),
      complete: (before) => complete(before, conversation.roster.names, conversation),
      skipped: (lines) => lineOf(unshown(lines), this.#options.colour),
      submitted: (entry) => conversation.typed(entry),
      interrupted: (how) => this.#interrupted(how),
    });
    for (const line of this.#early) this.#prompt.print(line);
    try {
      return await this.#over.promise;
    } finally {
      this.#prompt.close();
    }
  }

  #status(): string {
    // Of a room that is away nobody knows who is in it.
    const standing = this.membership.live ? this.#options.standing?.() : undefined;
    const { roster } = this.#conversation;
    return standing === undefined ? "" : statusOf(standing, roster.names.length, this.#options.colour);
  }

  leave(text?: string): void {
    this.membership.leave(text);
  }

  #interrupted(how: "ctrl-c" | "ctrl-d" | "end"): void {
    const now = performance.now();
    if (how !== "ctrl-c" || now - this.#interruptedAt < TWICE_MS) return this.leave();
    this.#interruptedAt = now;
    this.#print("[*] Ctrl+C again leaves the room.");
  }

  #print(line: string): void {
    if (this.#prompt) this.#prompt.print(line);
    else this.#early.push(line);
  }
}
