// Lets the program's own key speak for its page: a join that passes is proved on its way, and what comes behind it waits. Knows no wire.
import { decodeServer, encode } from "../protocol/codec.ts";
import type { ClientMessage, Join, ServerMessage } from "../protocol/message.ts";
import { Knock } from "../client/knock.ts";
import type { Signer } from "../client/signer.ts";

export interface IntroductionOptions {
  readonly signer: Signer | undefined;
  /** Of the wire to the server, once that has said something. */
  binding(): string;
  toServer(line: string): void;
  toPage(line: string): void;
}

export class Introduction {
  readonly #options: IntroductionOptions;
  #knock: Knock | undefined;
  #mark: string | undefined;
  /** What the page said behind its join. */
  #held: string[] = [];

  constructor(options: IntroductionOptions) {
    this.#options = options;
  }

  /** The page asks to be let in. */
  join(join: Join): void {
    const { signer, binding, toServer } = this.#options;
    this.#end();
    this.#mark = join.re;
    this.#knock = new Knock({
      join,
      signer,
      get binding() {
        return binding();
      },
      newMark: () => crypto.randomUUID(),
      send: (message) => toServer(lineOf(message)),
    });
    this.#knock.begin();
  }

  /** The page says something else. */
  said(line: string): void {
    if (this.#knock) this.#held.push(line);
    else this.#options.toServer(line);
  }

  /** The server says something before the page is in. */
  heard(line: string): void {
    const message = this.#knock && decodeServer(line);
    if (!message) return this.#options.toPage(line);
    const rest = this.#knock!.heard(message);
    if (!rest) return;
    this.#options.toPage(rest === message ? line : lineOf(rest));
    if (rest.type === "welcome" || (rest.type === "refused" && rest.re === this.#mark)) this.#end();
  }

  #end(): void {
    this.#knock?.stop();
    this.#knock = undefined;
    const held = this.#held;
    this.#held = [];
    for (const line of held) this.#options.toServer(line);
  }
}

function lineOf(message: ClientMessage | ServerMessage): string {
  return new TextDecoder().decode(encode(message)).trimEnd();
}
